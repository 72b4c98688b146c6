/** The command `client load`: the load generator. What its figures mean is in docs/clients.md. */
import { Option } from 'commander'
import { integer, seconds, UsageError } from '../../servers/command/cli.ts'
import { resolveHost } from '../../servers/command/resolve.ts'
import type { Address } from '../../servers/posix/api.ts'
import { openPoller, openPosix, UnsupportedError } from '../../servers/posix/open.ts'
import { errorCode } from '../../servers/support/error-code.ts'
import { EXIT } from '../../servers/support/exit-codes.ts'
import {
  ClientError,
  clientCommand,
  connectError,
  connectFailure,
  describeEndpoint,
  ending,
} from '../command.ts'
import { cpuSeconds } from '../process-stats.ts'
import { suspicion } from '../speaks.ts'
import { whyNotCounted } from '../system-calls.ts'
import { note, table } from '../terminal.ts'
import type { Engine } from './engine.ts'
import { NodeEngine } from './node.ts'
import {
  describeAchieved,
  describeMismatch,
  errorsText,
  hasFailed,
  type LoadResult,
  loadRows,
  missedRate,
} from './result.ts'
import { LoadRun, type LoadRunOptions } from './run.ts'
import { Tally } from './tally.ts'

type Flags = LoadRunOptions & { json: boolean }

const MiB = 2 ** 20
/** Bytes in flight on one connection. They are in memory once, for all connections. */
const MOST_IN_FLIGHT = 64 * MiB

const EXAMPLES = `
Examples:
  npm run client -- load
  npm run client -- load --connections 1000 --size 16 --protocol raw --duration 2
  npm run client -- load --connections 10 --idle 1000 --pid 4711
  npm run client -- load --rate 5000
  npm run -s client -- load --json > result.json

Exit codes: 0 done, 1 no success, a wrong reply or less than 99 % of --rate, 2 wrong use,
3 not on this machine, 130 interrupted.`

export const loadCommand = clientCommand(
  'load',
  'Load a server, check every byte of its replies, and measure.',
  'the replies that are due',
)
  .option('--connections <n>', 'connections that send', integer(0, 1e5), 100)
  .option('--idle <n>', 'further connections that stay silent until the end', integer(0, 1e5), 0)
  .option('--duration <seconds>', 'length of the measured window', seconds, 5)
  .option('--warmup <seconds>', 'load before the window', seconds, 0.5)
  .option('--size <bytes>', 'bytes of a message, its newline included', integer(1, 16 * MiB), 64)
  .option('--depth <n>', 'messages in flight on a connection', integer(1, 1024), 1)
  .option('--pause <seconds>', 'rest between a reply and the next message', seconds, 0)
  .option('--rate <n>', 'messages/s over all, sent on time: an open loop', integer(0, 1e7), 0)
  .option('--churn', 'a connection for each message', false)
  .option('--deaf <n>', 'further peers that send without end and never read', integer(0, 1e4), 0)
  .option(
    '--burn <ms>',
    'one more connection asks for this CPU time, ten times a second: for serve --protocol burn',
    integer(0, 99),
    0,
  )
  .option('--stall <seconds>', 'give up a connection that is silent for this time', seconds, 10)
  .addOption(
    new Option('--io <engine>', 'libc: epoll, on Linux; node: node:net')
      .choices(['libc', 'node'])
      .default(process.platform === 'linux' ? 'libc' : 'node'),
  )
  .option('--pid <pid>', "the server's process: measure its CPU time and memory", integer(1))
  .option('--count-system-calls', 'with --pid: count its system calls, with perf', false)
  .option('--json', 'one JSON object on stdout', false)
  .addHelpText('after', EXAMPLES)
  .action(ending(load))

async function load({ json, ...options }: Flags): Promise<number> {
  checkOptions(options)
  const tally = new Tally(options.rate > 0)
  const engine = await openEngine(options.io, await resolve(options), tally)
  const result = await new LoadRun(options, engine, tally, note).run()
  if (tally.runOut) throw connectFailure(tally.runOut, options)
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`)
  else if (result.connected > 0 && !result.mismatch)
    process.stdout.write(table(title(options), loadRows(result)))
  return judge(result, await hintFor(result))
}

/** For a run without a single reply: what the server seems to speak. */
async function hintFor({ asked, connected, messages, mismatch }: LoadResult): Promise<string> {
  if (connected === 0 || messages > 0) return ''
  const isFirst = mismatch?.sequence === 0 && mismatch.offset === 0
  if (mismatch && !isFirst) return ''
  return suspicion(asked, Buffer.from(mismatch?.got ?? '', 'hex'))
}

/** Says on stderr what is wrong with the run; returns the exit code. */
function judge(result: LoadResult, hint: string): number {
  const { mismatch, client, seconds, warnings } = result
  if (!mismatch) for (const warning of warnings) note(`warning: ${warning}`)
  if (mismatch) note(`error: the run is void: ${describeMismatch(mismatch)}${hint}`)
  else if (result.connected === 0) throw connectFailure(codeOf(result), result.asked)
  else if (hasFailed(result)) {
    const errors = errorsText(result.errors)
    note(`error: not one complete reply in the window; errors: ${errors}${hint}`)
  } else if (missedRate(result)) note(`error: achieved ${describeAchieved(result)}`)
  else if (result.asked.rate === 0 && (client.cpuSeconds ?? 0) > 0.95 * seconds) {
    note('note: the generator used a whole CPU; the server may be able to do more')
  }
  return hasFailed(result) || missedRate(result) ? EXIT.failed : EXIT.done
}

function codeOf({ errors }: LoadResult): string {
  const [kind = 'unknown'] = Object.keys(errors)
  const codes: Record<string, string> = { refused: 'ECONNREFUSED', 'connect timeout': 'ETIMEDOUT' }
  return codes[kind] ?? kind
}

function checkOptions(options: LoadRunOptions): void {
  const { connections, idle, duration, stall, size, depth, pid } = options
  if (connections + idle === 0) throw new UsageError('--connections and --idle are both 0')
  if (duration === 0 || stall === 0) throw new UsageError('--duration and --stall are more than 0')
  if (size * depth > MOST_IN_FLIGHT) {
    throw new UsageError(`--size times --depth must not exceed ${MOST_IN_FLIGHT} bytes`)
  }
  checkPace(options)
  if (pid !== undefined) checkProcess(pid)
  if (options.countSystemCalls) checkCounting(pid)
}

function checkCounting(pid: number | undefined): void {
  if (pid === undefined) throw new UsageError('--count-system-calls needs --pid')
  const reason = whyNotCounted()
  if (reason) throw new ClientError(reason, EXIT.unsupported)
}

function checkPace({ depth, rate, pause, churn, protocol, burn }: LoadRunOptions): void {
  const paces = [rate > 0 && '--rate', pause > 0 && '--pause', churn && '--churn'].filter(Boolean)
  if (paces.length > 1) throw new UsageError(`${paces.join(' and ')} exclude each other`)
  if (depth > 1 && (pause > 0 || churn)) {
    throw new UsageError(`--depth is 1 with ${paces[0]}: the next message waits for the reply`)
  }
  if (burn > 0 && protocol !== 'line') throw new UsageError('--burn needs --protocol line')
}

/** Refuses a wrong `--pid` before the run, not after it. */
function checkProcess(pid: number): void {
  try {
    // With signal 0, kill(2) sends nothing and only looks whether the process exists.
    process.kill(pid, 0)
  } catch (error) {
    if (errorCode(error) === 'ESRCH') {
      throw new ClientError(`there is no process ${pid}: check --pid`)
    }
  }
  if (cpuSeconds(pid) === undefined) {
    note(`warning: this machine can't measure the CPU time of process ${pid}`)
  }
}

async function resolve({ host, port }: LoadRunOptions): Promise<Address> {
  try {
    return await resolveHost(host, port)
  } catch (error) {
    throw connectError(error, { host, port })
  }
}

async function openEngine(io: 'libc' | 'node', address: Address, tally: Tally): Promise<Engine> {
  if (io === 'node') return new NodeEngine(address, tally)
  try {
    const posix = await openPosix('libc')
    const { EpollEngine } = await import('./epoll.ts')
    return new EpollEngine(address, posix, await openPoller(posix, 'epoll'), tally)
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error
    throw new ClientError('--io libc needs Linux; use --io node', EXIT.unsupported, {
      cause: error,
    })
  }
}

function title(options: LoadRunOptions): string {
  const { protocol, connections, size, depth } = options
  const flight = depth === 1 ? '' : `, ${depth} in flight on each`
  const what = `${connections} connections, messages of ${size} bytes${flight}`
  return `${describeEndpoint(options)}  ${protocol}, ${what}`
}
