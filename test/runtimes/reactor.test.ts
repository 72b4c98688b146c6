import { describe } from 'vitest'
import { describeWait } from '../../servers/models.ts'
import { connectorTests } from './reactor-connectors.ts'
import { descriptorTests } from './reactor-descriptors.ts'
import { endingTests } from './reactor-endings.ts'
import { guardTests } from './reactor-guards.ts'
import { IS_LINUX, KINDS, opener } from './reactor-harness.ts'
import { lifeTests } from './reactor-life.ts'
import { lineTests } from './reactor-lines.ts'
import { policyTests } from './reactor-policies.ts'
import { portTests } from './reactor-ports.ts'
import { producerTests } from './reactor-producers.ts'
import { timeTests } from './reactor-time.ts'
import { transportTests } from './reactor-transport.ts'

for (const kind of KINDS) {
  describe.skipIf(kind.io === 'libc' && !IS_LINUX)(`reactor ${describeWait(kind)}`, () => {
    const open = opener(kind)
    describe('life', () => lifeTests(open))
    describe('time', () => timeTests(open))
    describe('descriptors', () => descriptorTests(open, kind.io))
    describe('ports', () => portTests(open, kind.io))
    describe('connectors', () => connectorTests(open))
    describe('transport', () => transportTests(open))
    describe('endings', () => endingTests(open))
    describe('guards', () => guardTests(open))
    describe('producers', () => producerTests(open))
    describe('TimeoutProtocol', () => policyTests(open))
    describe('lines', () => lineTests(open))
  })
}
