/** All cases, in the order of the promises. */
import type { Case } from '../case.ts'
import { backPressureCases } from './back-pressure.ts'
import { endingCases } from './ending.ts'
import { everyByteCases } from './every-byte.ts'
import { halfCloseCases } from './half-close.ts'
import { isolationCases } from './isolation.ts'
import { crowdCases, limitCases } from './limits.ts'
import { startCases } from './start.ts'
import { urgentCases } from './urgent.ts'

export const CASES: readonly Case[] = [
  ...everyByteCases,
  ...halfCloseCases,
  ...backPressureCases,
  ...isolationCases,
  ...urgentCases,
  ...crowdCases,
  ...limitCases,
  ...endingCases,
  ...startCases,
].sort((a, b) => a.promise - b.promise)
