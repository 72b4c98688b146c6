/** The command `npm run app -- <application>`. */
import { run } from '../07-green-threads/gevent.ts'
import {
  createCommand,
  host,
  integer,
  runCommand,
  seconds,
  UsageError,
  unknown,
} from '../command/cli.ts'
import { addressToBind } from '../command/resolve.ts'
import { supervise } from '../host/supervisor.ts'
import type { Model } from '../models.ts'
import type { Address } from '../posix/api.ts'
import type { Serve, ServeOptions } from '../server.ts'
import { APPLICATIONS, type Listed } from './applications.ts'

interface Flags {
  host: string
  port: number
  bus?: string
  log: boolean
  json: boolean
  grace: number
  list: boolean
}

const EXAMPLES = `
Examples:
  npm run app -- hello                     # then: curl -i http://127.0.0.1:8000/
  npm run app -- streaming --port 8001     # then: curl -N http://127.0.0.1:8001/
  npm run app -- chat --host 0.0.0.0 --bus redis://127.0.0.1:6379
  npm run app -- fetch
  npm run app -- --list

Exit codes: 0 done or closed, 1 failed or could not start, 2 wrong use, 130 interrupted twice.`

const command = createCommand('app', 'Run a real program on green threads.')
  .argument('[application]', 'the program; --list shows them')
  .option('--host <address>', 'address or name to listen on', host, '127.0.0.1')
  .option('--port <number>', 'port to listen on, 0 for any free one', integer(0, 65535), 8000)
  .option('--bus <url>', 'for chat: what its servers share, such as redis://127.0.0.1:6379')
  .option('--log', 'log requests to stderr', false)
  .option('--grace <seconds>', 'time to close in, after a signal', seconds, 5)
  .option('--json', 'one JSON object a line, for --list and when it listens', false)
  .option('--list', 'list the programs and exit', false)
  .addHelpText('after', EXAMPLES)
  .action(async (id: string | undefined, flags: Flags) => {
    if (flags.list) return list(flags.json)
    const application = choose(id)
    const address = await addressToBind(flags.host, flags.port)
    const options = { ...NOT_ASKED, address }
    const settings = { verbose: false, json: flags.json, grace: flags.grace }
    process.exit(await supervise(asModel(application, flags), options, settings))
  })

/**
 * What an echo server is asked besides the address, and what the supervisor would only hand on. An
 * application has its own answers.
 */
const NOT_ASKED: Omit<ServeOptions, 'address'> = {
  protocol: 'raw',
  maxLine: 16384,
  io: 'node',
  poller: 'poll',
  reactor: 'node',
  backlog: 1024,
  maxConnections: 10_000,
  idleTimeout: Number.POSITIVE_INFINITY,
  highWater: 65536,
  tls: undefined,
  faults: undefined,
  trace: undefined,
  threads: 1,
  workers: 1,
}

await runCommand(command)

/** To the supervisor an application is one more model: signals end it as they end a server. */
function asModel({ id, summary, load }: Listed, { bus, log, grace }: Flags): Model {
  const serve: Serve = async ({ address }, supervisor) => {
    const { start } = await load()
    const where = [address.address, address.port] as const
    const listening = (bound: Address, stop: () => void) => supervisor.listening(bound, { stop })
    await run(() => start({ where, bus, log, grace, listening, reporter: supervisor }))
  }
  const known = { id, folder: `applications/${id}`, summary, takes: [], exceptions: {}, notes: [] }
  return { ...known, waits: [{ io: 'node' }], load: async () => ({ serve }) }
}

function choose(name: string | undefined): Listed {
  const ids = APPLICATIONS.map(({ id }) => id)
  if (name === undefined) throw new UsageError(`which application? There are: ${ids.join(', ')}`)
  const found = APPLICATIONS.find(({ id }) => id === name)
  if (!found) throw new UsageError(unknown('application', name, ids))
  return found
}

function list(json: boolean): void {
  const width = Math.max(...APPLICATIONS.map(({ id }) => id.length))
  for (const { id, title, summary } of APPLICATIONS) {
    const line = json ? JSON.stringify({ id, title, summary }) : `${id.padEnd(width)}  ${summary}`
    process.stdout.write(`${line}\n`)
  }
}
