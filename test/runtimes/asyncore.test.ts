/** asyncore: the loop, the dispatcher and the dispatcher with send, on every way to wait. */
import { describe, vi } from 'vitest'
import { connectingTests } from './asyncore-connecting.ts'
import { dispatcherTests } from './asyncore-dispatcher.ts'
import { echoTests } from './asyncore-echo.ts'
import { listeningTests } from './asyncore-listening.ts'
import { loopTests } from './asyncore-loop.ts'
import { passTests } from './asyncore-pass.ts'
import { sendTests } from './asyncore-send.ts'
import { describeWaits } from './channels.ts'

// The tests read what `log` and `logInfo` write to stderr; none of it is shown.
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  return { ...fs, writeSync: vi.fn(() => 0) }
})

describeWaits('asyncore,', (channels) => {
  describe('dispatcher', () => dispatcherTests(channels))
  describe('listening', () => listeningTests(channels))
  describe('connecting', () => connectingTests(channels))
  describe('the loop', () => loopTests(channels))
  describe('dispatcher with send', () => sendTests(channels))
  describe('the echo server', () => echoTests(channels))
})

describe('asyncore, one pass of the loop', () => passTests())
