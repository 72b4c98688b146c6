/**
 * How many messages a second come back from an echo, byte for byte? Messages are sent when they are
 * due, and not when the answer to the one before has come.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { createCommand, fail, integer, runCommand } from '../../command/cli.ts'

interface Flags {
  url: string
  rate: number
  size: number
  seconds: number
}

const EXAMPLES = `
Examples, while \`npm run app -- websocket\` runs:
  node --import tsx servers/applications/websocket/measure.ts
  node --import tsx servers/applications/websocket/measure.ts --rate 50 --size 1048576

Exit codes: 0 if every message came back unchanged, 1 if not, 2 wrong use.`

const command = createCommand('measure', 'Send messages to an echo, and compare what comes back.')
  .option('--url <url>', 'the WebSocket', 'ws://127.0.0.1:8000/echo')
  .option('--rate <number>', 'messages a second', integer(1, 1e6), 10_000)
  .option('--size <bytes>', 'the length of a message', integer(4, 2 ** 20), 16)
  .option('--seconds <number>', 'how long', integer(1, 3600), 10)
  .addHelpText('after', EXAMPLES)
  .action(async (flags: Flags) => process.exit(await measure(flags)))

async function measure({ url, rate, size, seconds }: Flags): Promise<number> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  await once(socket, 'open').catch((error) => fail(`${url} can't be opened: ${error.message}`))
  const messageOf = messages(size)
  const total = rate * seconds
  let different = 0
  let back = 0
  const end = new Promise<void>((resolve) => {
    socket.on('close', resolve)
    socket.on('message', (data: Buffer) => {
      if (!data.equals(messageOf(back++))) different++
      if (back === total) resolve()
    })
  })
  const start = performance.now()
  const elapsed = () => (performance.now() - start) / 1000
  for (let sent = 0; sent < total && socket.readyState === WebSocket.OPEN; await delay(1)) {
    for (const due = Math.min(total, elapsed() * rate); sent < due; ) socket.send(messageOf(sent++))
  }
  await end
  const perSecond = Math.round(back / elapsed())
  console.log(`${back} of ${total} came back, ${different} changed, ${perSecond} a second`)
  return back === total && different === 0 ? 0 : 1
}

/** Every message is a part of the same random bytes, and begins with its number. */
function messages(size: number): (index: number) => Buffer {
  const bytes = randomBytes(size + 4096)
  return (index) => {
    const message = Buffer.from(bytes.subarray(index % 4096, (index % 4096) + size))
    message.writeUInt32BE(index)
    return message
  }
}

await runCommand(command)
