import type { UnitGrading } from '../../../build/course/exercise.ts'
import { units } from './units.ts'

export const grading: UnitGrading = {
  file: 'connections.ts',
  units,
  starter: {
    case: 'one that is killed while it uses its connection gives its place back',
    says: 'expected 2 late clients that are served got 0',
  },
  wrong: {
    'counts-after-the-wait': {
      case: 'at most 2 connections are open at a time, and all are served',
      says: 'expected at most 2 connections',
    },
    'keeps-the-connection': {
      case: 'a use that throws gives its place back, and its connection is closed',
      says: 'expected at most 2 connections',
    },
    'puts-it-back': {
      case: 'a use that throws gives its place back, and its connection is closed',
      says: 'broken off',
    },
    'swallows-the-kill': {
      case: 'a kill ends the green thread, also what it would do after the use',
      says: 'expected its end got it goes on after the use',
    },
    'releases-what-it-never-took': {
      case: 'one is killed in each turn: while it waits, while it opens, and while it asks',
      says: 'expected at most 2 connections',
    },
    'opens-outside-of-try': {
      case: 'one is killed in each turn: while it waits, while it opens, and while it asks',
      says: 'expected',
    },
  },
}
