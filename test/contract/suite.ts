/**
 * The contract: what every server promises (docs/protocol.md), proved over TCP against the real
 * `serve` command, for every way to wait that a model has and for every protocol.
 */
import { describe, test } from 'vitest'
import { describeWait, findModel, type Wait, waitFlags } from '../../servers/models.ts'
import { PROTOCOLS } from '../../servers/protocol/protocols.ts'
import { conversationTests } from './conversation.ts'
import { httpTests } from './http.ts'
import { lifecycleTests } from './lifecycle.ts'
import { limitTests } from './limits.ts'
import { IS_LINUX, type Variant } from './variant.ts'

export function contract(id: string): void {
  const model = findModel(id)!
  for (const wait of model.waits) {
    const variant: Variant = { model, flags: waitFlags(wait) }
    describe.runIf(runsHere(wait))(`${id}, ${describeWait(wait)}`, async () => {
      const refusal = await model.refusal?.()
      if (refusal) return test.skip(refusal)
      for (const protocol of PROTOCOLS) {
        describe(protocol, () => conversationTests(variant, protocol))
      }
      describe('http', () => httpTests(variant))
      describe('limits', () => limitTests(variant))
      describe('life cycle', () => lifecycleTests(variant))
    })
  }
}

/** The libc backend makes Linux system calls: there is nothing to prove elsewhere. */
function runsHere({ io }: Wait): boolean {
  return IS_LINUX || io !== 'libc'
}
