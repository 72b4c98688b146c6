/**
 * The command `npm run thread-cost`: what a thread per connection costs on this machine, in waiting
 * time of the clients, CPU time and memory. Clients connect one after the other and stay, so that
 * the server starts a thread for each. Then they leave, and as many clients come again: the
 * threads for them exist already.
 */
import { readdirSync } from 'node:fs'
import { Option } from 'commander'
import { launch, type RunningServer } from '../clients/launcher.ts'
import { cpuSeconds, residentBytes } from '../clients/process-stats.ts'
import { ClientSession } from '../clients/session.ts'
import { createCommand, fail, integer, runCommand } from '../servers/command/cli.ts'
import { THREADS } from '../servers/server.ts'
import { EXIT } from '../servers/support/exit-codes.ts'
import { median } from './figures/statistics.ts'
import { aligned } from './report/terminal.ts'

interface Flags {
  readonly threads: number
  readonly io: string
}

/** The figures of one group of clients, which have connected one after the other. */
interface Wave {
  /** Milliseconds from the connect of a client to its first reply: the median. */
  readonly firstReply: number
  /** Milliseconds of the server's CPU time for each client. */
  readonly cpu: number
  /** How many threads, and bytes of memory, the server has added for each client. */
  readonly threads: number
  readonly memory: number
}

const command = createCommand('thread-cost', 'Measure what a thread per connection costs here.')
  .option('--threads <n>', 'how many to start', integer(1, 1024), THREADS)
  .addOption(new Option('--io <backend>', 'socket layer').choices(['libc', 'atomics']))
  .action(async (flags: Flags) => {
    process.stdout.write(`${await measure(flags)}\n`)
  })

let running: RunningServer | undefined
process.once('SIGINT', async () => {
  await running?.kill()
  process.exit(EXIT.interrupted)
})
if (process.platform !== 'linux') {
  fail('thread-cost reads /proc, which only Linux has', EXIT.unsupported)
}
await runCommand(command)

async function measure({ threads, io }: Flags): Promise<string> {
  const flags = ['--protocol', 'line', '--threads', String(threads), ...(io ? ['--io', io] : [])]
  await using server = await launch('threads', flags)
  running = server
  const clients: ClientSession[] = []
  const starting = await wave(server, threads, clients)
  for (const client of clients.splice(0)) {
    client.end()
    await client.receiveAll()
  }
  const reusing = await wave(server, threads, clients)
  for (const client of clients) client[Symbol.dispose]()
  return render(threads, starting, reusing)
}

async function wave(server: RunningServer, count: number, into: ClientSession[]): Promise<Wave> {
  const before = usage(server)
  const waits: number[] = []
  for (let i = 0; i < count; i++) {
    const from = performance.now()
    const client = await ClientSession.connect(server.address)
    into.push(client)
    await client.ask('hello\n', 6)
    waits.push(performance.now() - from)
  }
  const after = usage(server)
  return {
    firstReply: median(waits) ?? 0,
    cpu: ((after.cpu - before.cpu) / count) * 1000,
    threads: (after.threads - before.threads) / count,
    memory: (after.memory - before.memory) / count,
  }
}

function usage({ pid }: RunningServer) {
  return {
    cpu: cpuSeconds(pid) ?? 0,
    memory: residentBytes(pid) ?? 0,
    threads: readdirSync(`/proc/${pid}/task`).length,
  }
}

function render(count: number, ...waves: Wave[]): string {
  const head = ['for each client', 'first reply ms', 'CPU ms', 'threads', 'memory MiB']
  const names = [`${count} clients, each starts a thread`, `${count} more, whose threads are there`]
  const rows = waves.map(({ firstReply, cpu, threads, memory }, i) => {
    const figures = [firstReply, cpu, threads, memory / 2 ** 20].map((n) => n.toFixed(2))
    return [names[i]!, ...figures]
  })
  return aligned(head, rows, (column) => column > 0)
}
