/**
 * The contract: what every server promises (docs/protocol.md), proved over TCP against the real
 * `serve` command, for every way to wait that a model has and for every protocol. The cases are
 * those of `npm run client -- check`.
 */
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Case } from '../../clients/check/case.ts'
import { CASES } from '../../clients/check/cases/all.ts'
import { describePromise } from '../../clients/check/promises.ts'
import { summary } from '../../clients/check/report.ts'
import { tryCase } from '../../clients/check/run.ts'
import type { Subject } from '../../clients/check/subject.ts'
import { modelSubject } from '../../clients/check/subjects.ts'
import type { Protocol } from '../../clients/due-reply.ts'
import type { RunningServer } from '../../clients/launcher.ts'
import { describeWait, findModel, type Model, type Wait, waitFlags } from '../../servers/models.ts'
import { PROTOCOLS } from '../../servers/protocol/protocols.ts'
import { faultyTests } from './faulty.ts'
import { httpTests } from './http.ts'
import { lifecycleTests } from './lifecycle.ts'
import { IS_LINUX, start, type Variant } from './variant.ts'

export function contract(id: string): void {
  const model = findModel(id)!
  for (const wait of model.waits) {
    const variant: Variant = { model, flags: waitFlags(wait) }
    describe.runIf(runsHere(wait))(`${id}, ${describeWait(wait)}`, async () => {
      const refusal = await model.refusal?.()
      if (refusal) return test.skip(refusal)
      for (const protocol of PROTOCOLS) describe(protocol, () => promiseTests(variant, protocol))
      describe('http', () => httpTests(variant))
      describe('faulty', () => faultyTests(variant))
      describe('life cycle', () => lifecycleTests(variant))
    })
  }
  stormTests(model)
}

/** The libc backend makes Linux system calls: there is nothing to prove elsewhere. */
function runsHere({ io }: Wait): boolean {
  return IS_LINUX || io !== 'libc'
}

/** What each call meets there is decided by the seed. */
const STORM = `send=10000,recv=7777,eagain=0.3,seed=${process.env.STORM_SEED ?? 1}`
/** Node's sockets can have only these. */
const NODE_STORM = 'send=1000,recv=7777'

/**
 * All promises hold under faults, too: on the first of a model's ways to wait that has them, where
 * calls are not as slow as on atomics.
 */
function stormTests(model: Model): void {
  const wait = model.waits.find(({ io }) => io !== 'atomics')
  if (!wait || !runsHere(wait) || !model.takes.includes('faults')) return
  const own = [
    // Out of descriptors, the reactor turns a client away, as Twisted does.
    model.id === 'reactor' ? '' : ',emfile@20',
    // Signals to each of 64 threads would be no rest, which some cases wait for.
    model.id === 'threads' ? '' : ',eintr=50',
  ]
  const storm = wait.io === 'node' ? NODE_STORM : STORM + own.join('')
  const flags = [...waitFlags(wait), '--faults', storm]
  describe(`${model.id}, ${describeWait(wait)}, ${storm}`, () => {
    promiseTests({ model, flags }, 'line', () => true)
  })
}

/** The cases that are tried with this protocol. */
function promiseTests(variant: Variant, protocol: Protocol, isTried = isTriedWith): void {
  const { model, flags } = variant
  let shared: RunningServer | undefined
  let subject: Subject

  beforeAll(async () => {
    shared = await start(variant, ['--protocol', protocol])
    subject = modelSubject(model, flags, shared, protocol)
  })

  afterAll(() => shared?.kill())

  for (const one of CASES.filter((one) => isSuitable(one, protocol) && isTried(one, protocol))) {
    test(`${one.promise}: ${one.name}`, async (context) => {
      const { verdict } = await tryCase(one, subject)
      if (verdict.kind === "can't tell") context.skip(verdict.reason)
      if (verdict.kind !== 'broken') return
      const steps = verdict.steps.map(({ at, what }) => `  ${at.toFixed(3)} s  ${what}`)
      const head = `${describePromise(one.promise)} is broken: ${summary(verdict)}`
      throw new Error([head, ...steps].join('\n'))
    })
  }
}

/**
 * Promise 9 is about the machine: see start-errors.test.ts. `npm run matrix` tries the crowd, which
 * takes seconds for each model.
 */
function isSuitable({ promise, needs = [], protocols = PROTOCOLS }: Case, protocol: Protocol) {
  return protocols.includes(protocol) && promise !== 9 && !needs.includes('crowd')
}

/** What depends on the bytes is tried with each protocol, the rest with one. */
function isTriedWith({ promise, once }: Case, protocol: Protocol): boolean {
  const own = promise === 3 || promise === 8 ? 'raw' : 'line'
  return (promise <= 2 && !once) || protocol === own
}
