/** asynchat: framing by terminators, and the output queue, on every way to wait. */
import { describe } from 'vitest'
import { inputTests } from './asynchat-input.ts'
import { outputTests } from './asynchat-output.ts'
import { reconnectTests } from './asynchat-reconnect.ts'
import { prefixTests, terminatorTests } from './asynchat-terminators.ts'
import { describeWaits } from './channels.ts'

describeWaits('asynchat,', (channels) => {
  describe('terminators', () => terminatorTests(channels))
  describe('input', () => inputTests(channels))
  describe('output', () => outputTests(channels))
  describe('connecting again', () => reconnectTests(channels))
})

prefixTests()
