import { expect, test } from 'vitest'
import { obstacles } from '../../bench/compare/comparability.ts'
import type { BenchDocument } from '../../bench/document/document.ts'
import { PLAIN } from '../../bench/workloads.ts'
import { cellOf, documentOf, measured } from './documents.ts'

const a = documentOf([cellOf('poll-loop', [measured({})])])

const withLoads = (...loads: Partial<typeof PLAIN>[]) => ({
  ...a,
  workloads: [{ id: 'many', shows: '', loads: loads.map((load) => ({ ...PLAIN, ...load })) }],
})

test('two runs can be compared if only rounds, seed, date, versions and --costs differ', () => {
  const parameters = { ...a.parameters, rounds: 9, seed: 9, systemCalls: true }
  const b: BenchDocument = { ...a, date: 'another', versions: {}, parameters }
  expect(obstacles(a, b)).toEqual([])
})

test('two runs can not be compared if machine or windows differ: each difference is a line', () => {
  const b = {
    ...a,
    machine: { system: 'linux 6.2.0 x64', cpu: 'Other CPU', cores: 4, memory: 2 ** 33 },
    parameters: { ...a.parameters, duration: 2, warmup: 0, pinned: null },
  }
  expect(obstacles(a, b)).toEqual([
    'machine, system: linux 6.1.0 x64 in A, linux 6.2.0 x64 in B',
    'machine, cpu: Some CPU in A, Other CPU in B',
    'machine, cores: 2 in A, 4 in B',
    'machine, memory: 4294967296 in A, 8589934592 in B',
    'parameters, duration: 1 in A, 2 in B',
    'parameters, warmup: 0.3 in A, 0 in B',
    'parameters, pinned: server 0, client 1, parallelServers 0 in A, none in B',
  ])
})

test('two runs can not be compared if a workload of the same name has other loads', () => {
  const before = withLoads({ connections: 100 }, { connections: 1000 })
  const after = withLoads({ connections: 100, size: 128, seconds: 2 }, { connections: 1000 })
  expect(obstacles(before, before)).toEqual([])
  // 100 is in A alone and 1000 in B too: where B has one of its own, something has changed.
  expect(obstacles(before, after)).toEqual([
    'workload many, 100 connections: raw, 64 bytes, size: 64 in A, 128 in B',
    'workload many, 100 connections: raw, 64 bytes, seconds: none in A, 2 in B',
  ])
  expect(obstacles(withLoads({ size: 1 }), withLoads({ size: 2 }, { depth: 2 }))).toEqual([
    'workload many, 1 connection: raw, 1 byte, size: 1 in A, 2 in B',
    'workload many, 1 connection: raw, 64 bytes, 2 in flight on each: only in B',
  ])
})

test('two runs can be compared if one has measured fewer of the loads, or of the workloads', () => {
  const both = withLoads({ connections: 1 }, { connections: 100 })
  expect(obstacles(both, withLoads({ connections: 100 }))).toEqual([])
  expect(obstacles({ ...both, workloads: [...a.workloads, ...both.workloads] }, both)).toEqual([])
})

test('two runs can not be compared if they have no workload in common', () => {
  expect(obstacles(a, withLoads({}))).toEqual([
    'workloads: custom in A, many in B, and none in both',
  ])
})
