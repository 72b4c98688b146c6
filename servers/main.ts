/** The command `npm run serve -- <model>`. */
import { resolve as resolvePath } from 'node:path'
import { Option } from 'commander'
import {
  createCommand,
  fail,
  host,
  integer,
  runCommand,
  seconds,
  UsageError,
  unknown,
} from './command/cli.ts'
import { type OwnFlags, ownFlags } from './command/own-flags.ts'
import { modelNamed } from './command/own-model.ts'
import { addressToBind } from './command/resolve.ts'
import { supervise } from './host/supervisor.ts'
import { chooseWait, describeWait, MODELS, type Model, type Wait } from './models.ts'
import { FAULTS } from './posix/faults.ts'
import { POLLERS } from './posix/poller.ts'
import { HARMFUL, type ProtocolName, SERVED } from './protocol/protocols.ts'
import { REACTORS, type ServeOptions, THREADS } from './server.ts'
import { reasonOf } from './support/error-code.ts'
import { beginTrace } from './trace/trace.ts'

interface Flags extends Partial<Wait>, OwnFlags {
  host: string
  port: number
  protocol: ProtocolName
  backlog: number
  maxConnections: number
  idleTimeout: number
  maxLine: number
  highWater: number
  grace: number
  verbose: boolean
  json: boolean
  list: boolean
  trace?: string
  traceEvents: number
}

const EXAMPLES = `
Examples:
  npm run serve -- poll-loop
  npm run serve -- asyncore --protocol line --poller epoll --verbose
  npm run serve -- blocking-serial --io libc --host ::1 --port 0
  npm run serve -- async-await --tls-cert tls/cert.pem --tls-key tls/key.pem
  npm run serve -- poll-loop --faults send=1,recv=3,eagain=0.5,emfile@10,seed=7
  npm run serve -- poll-loop --trace trace.json   # opens in ui.perfetto.dev, chrome://tracing
  npm run serve -- ./my/echo.ts
  npm run serve -- --list

Exit codes: 0 closed, 1 could not start, 2 wrong use, 3 not on this machine, 130 interrupted twice.`

const MiB = 2 ** 20

const command = createCommand('serve', 'Serve the echo protocol under one architecture.')
  .argument('[model]', 'the architecture; --list shows them; or a file with your own')
  .option('--host <address>', 'address or name to listen on', host, '127.0.0.1')
  .option('--port <number>', 'port to listen on, 0 for any free one', integer(0, 65535), 8881)
  .addOption(protocolOption())
  .addOption(new Option('--io <backend>', 'socket layer').choices(['libc', 'atomics']))
  .addOption(new Option('--poller <name>', 'how readiness is asked for').choices(POLLERS))
  .addOption(new Option('--reactor <name>', 'for the model reactor').choices(REACTORS))
  .option('--backlog <n>', 'connections that wait in the kernel', integer(1, 65535), 1024)
  .option('--max-connections <n>', 'connections served at a time', integer(1), 10000)
  .option('--idle-timeout <seconds>', 'close a silent connection, 0 for never', seconds, 0)
  .option('--max-line <bytes>', 'longest line, newline not counted', integer(1, 256 * MiB), 16384)
  .option('--high-water <bytes>', 'replies that wait before reading stops', integer(1), 65536)
  .option('--grace <seconds>', 'time to close in, after a signal', seconds, 5)
  .option('--threads <n>', `threads at most (default: ${THREADS})`, integer(1, 1024))
  .option('--workers <n>', 'processes (default: one for each core)', integer(1, 256))
  .option('--tls-cert <file>', 'speak TLS, with this certificate (PEM)')
  .option('--tls-key <file>', 'and its private key (PEM)')
  .option('--faults <spec>', `made on order, such as ${FAULTS.slice(0, 3).join(',')}`)
  .option('--trace <file>', 'record what waits where, as Trace Event JSON')
  .option('--trace-events <n>', 'events of each thread at most', integer(1), 100_000)
  .option('--verbose', 'log connections to stderr', false)
  .option('--json', 'one JSON object a line', false)
  .option('--list', 'list the models and exit', false)
  .addHelpText('after', EXAMPLES)
  .action(async (id: string | undefined, flags: Flags) => {
    if (flags.list) return list(flags.json)
    const model = await chooseModel(id)
    const options = await serveOptions(model, flags)
    if (options.trace) begin(options.trace.file, model, options)
    process.exit(await supervise(model, options, flags))
  })

await runCommand(command)

/** The protocols that do harm on purpose are for tests and benchmarks, and not in the help. */
function protocolOption(): Option {
  const option = new Option('--protocol <name>', `${SERVED.join(', ')}`).default('previous')
  return option.argParser((name) => {
    if (![...SERVED, ...HARMFUL].some((known) => known === name)) {
      throw new UsageError(unknown('protocol', name, SERVED))
    }
    return name
  })
}

function chooseModel(name: string | undefined): Promise<Model> {
  const ids = MODELS.map(({ id }) => id).join(', ')
  if (name === undefined) throw new UsageError(`which model? There are: ${ids}`)
  return modelNamed(name)
}

async function serveOptions(model: Model, flags: Flags): Promise<ServeOptions> {
  const { io, poller = 'poll', reactor = 'poll' } = wait(model, flags)
  const { protocol, maxLine, backlog, maxConnections, highWater } = flags
  const address = await addressToBind(flags.host, flags.port)
  const idleTimeout = flags.idleTimeout === 0 ? Number.POSITIVE_INFINITY : flags.idleTimeout * 1000
  const limits = { maxLine, backlog, maxConnections, idleTimeout, highWater }
  const own = await ownFlags(model, io, flags)
  const { trace: file, traceEvents: events } = flags
  const trace = file === undefined ? undefined : { file: resolvePath(file), events }
  return { address, protocol, io, poller, reactor, ...limits, ...own, trace }
}

/** A trace that can't be written is better known before than after what it was to show. */
function begin(file: string, { id }: Model, { io, poller, reactor, protocol }: ServeOptions): void {
  try {
    beginTrace(file, { model: id, io, poller, reactor, protocol, node: process.version })
  } catch (error) {
    fail(`--trace ${file} can't be written: ${reasonOf(error)}`)
  }
}

function wait(model: Model, { io, poller, reactor }: Flags): Wait {
  const asked = Object.entries({ io, poller, reactor }).filter(([, value]) => value !== undefined)
  try {
    return chooseWait(model, Object.fromEntries(asked))
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error
  }
}

function list(json: boolean): void {
  const rows = MODELS.map(({ id, summary, waits, exceptions, notes }) => ({
    id,
    summary,
    io: waits.map(describeWait),
    // What a user should know before choosing it; the pages say more.
    limits: [...Object.values(exceptions), ...notes],
  }))
  const width = Math.max(...rows.map(({ id }) => id.length))
  for (const row of rows) {
    const line = json
      ? JSON.stringify(row)
      : `${row.id.padEnd(width)}  ${row.summary} (${row.io.join(', ')})`
    process.stdout.write(`${line}\n`)
  }
}
