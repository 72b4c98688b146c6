import { fileURLToPath } from 'node:url'
import { freePort } from '../../../../clients/check/program.ts'
import type { Trial } from '../../../../clients/check/trial.ts'
import { folderOf, type ServerGrading } from '../../../build/course/exercise.ts'
import { Run } from './run.ts'

const READY = 'it says that it listens when a client can connect, and not before'
const IN_USE = 'on a port in use: one line on stderr, none on stdout, and exit code 1'
const FOREIGN = 'on an address of another machine, too: one line, and exit code 1'
const RESET = 'a client that resets its connection ends nobody else'
const ACCEPT = 'an accept that fails later ends nobody'

const HOST = '127.0.0.1'
/** For documentation, so that no machine has it: RFC 5737. */
const ELSEWHERE = '192.0.2.1'

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  cases: [
    {
      promise: 9,
      points: 1,
      name: 'lines come back, and the FIN',
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.say('hello')
        peer.end()
        await peer.receiveAll(Buffer.alloc(0))
      },
    },
    {
      promise: 9,
      points: 3,
      name: READY,
      needs: ['process'],
      run: async (trial) => {
        await listensInVain(trial)
        const port = await freePort()
        await using run = new Run(trial, { host: HOST, port })
        const line = await run.firstLine()
        const due = `listening ${HOST}:${port}`
        trial.check(line === due, `the line “${due}”`, `“${line}”`)
        const peer = await trial.connect(run.server)
        await peer.say('hello')
        const count = run.said.length
        trial.check(count === 1, 'one line on stdout', `${count} lines`)
      },
    },
    {
      promise: 9,
      points: 3,
      name: IN_USE,
      needs: ['process'],
      run: (trial) => failsToStart(trial, HOST, trial.shared.address.port, 'EADDRINUSE'),
    },
    {
      promise: 9,
      points: 1,
      name: FOREIGN,
      needs: ['process'],
      run: async (trial) => failsToStart(trial, ELSEWHERE, await freePort(), 'EADDRNOTAVAIL'),
    },
    {
      promise: 4,
      points: 2,
      name: RESET,
      run: async (trial) => {
        const other = await trial.connect()
        await other.say('hello')
        const peer = await trial.connect()
        await peer.say('soon away')
        peer.reset()
        await trial.settled(trial.shared)
        await goesOn(trial, other.say('still here'))
        await goesOn(trial, trial.served(trial.shared))
      },
    },
    {
      promise: 4,
      points: 2,
      name: ACCEPT,
      needs: ['process'],
      run: async (trial) => {
        const preload = fileURLToPath(new URL('accept-fails.mjs', folderOf('27-ready-too-early')))
        await using run = new Run(trial, { host: HOST, port: await freePort(), preload })
        await run.firstLine()
        const first = await trial.connect(run.server)
        await first.say('hello')
        const second = await trial.connect(run.server)
        trial.note('the next accept fails: the listener emits an error')
        await goesOn(trial, second.say('hello'))
        await goesOn(trial, first.say('still here'))
      },
    },
  ],
  starter: { case: READY, says: 'expected nothing on stdout' },
  wrong: {
    'awaits-listen': { case: READY, says: 'expected nothing on stdout' },
    'sets-the-exit-code': { case: IN_USE, says: 'it still runs after 3 s' },
    'exits-with-0': { case: IN_USE, says: 'got exit code 0' },
    'always-in-use': { case: FOREIGN, says: 'that names 192.0.2.1' },
    'one-handler-for-all': { case: RESET, says: 'expected a server that goes on' },
    'waits-once': { case: ACCEPT, says: 'expected a server that goes on' },
  },
}

/**
 * On a free port a line that comes too early may be overtaken by the listener. On a port in use
 * it can't be: how the program ends there is asked by the next case.
 */
async function listensInVain(trial: Trial): Promise<void> {
  trial.note('another server listens on the port')
  await using run = new Run(trial, { host: HOST, port: trial.shared.address.port })
  await run.end().catch(() => {})
  isSilent(trial, run)
}

function isSilent(trial: Trial, { said }: Run): void {
  const lines = said.map((line) => `“${line}”`).join(', ')
  trial.check(lines === '', 'nothing on stdout', lines)
}

/** Starts the program where it can't listen. */
async function failsToStart(
  trial: Trial,
  host: string,
  port: number,
  reason: string,
): Promise<void> {
  await using run = new Run(trial, { host, port })
  const { code, signal, stderr } = await run.end()
  isSilent(trial, run)
  const lines = stderr.split('\n').filter((line) => line.trim() !== '')
  const [line = ''] = lines
  const shown = lines.length === 0 ? 'nothing' : `${lines.length} lines: ${line} …`
  trial.check(lines.length === 1, 'one line on stderr', shown)
  const isNamed = line.includes(`${host}:${port}`) && line.includes(reason)
  trial.check(isNamed, `a line that names ${host}:${port} and ${reason}`, `“${line}”`)
  trial.check(code === 1, 'exit code 1', signal ?? `exit code ${code}`)
}

/** A server that ends may do so by a FIN or by a reset: for the client it is the same. */
async function goesOn(trial: Trial, work: Promise<void>): Promise<void> {
  const isKept = await work.then(
    () => true,
    () => false,
  )
  trial.check(isKept, 'a server that goes on', 'no reply')
}
