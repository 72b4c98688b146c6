// Loaded into every process of a benchmark run by NODE_OPTIONS: SABOTAGE says what goes wrong, in
// which program.
import { Socket } from 'node:net'

const program = process.argv.slice(1).join(' ')
const isServer = program.includes('servers/main.ts')
const isClient = program.includes('clients/main.ts')
const { SABOTAGE } = process.env

if (isServer && SABOTAGE === 'a wrong byte in 100,000') onWrite(100_000, flip)
if (isServer && SABOTAGE === 'the server is killed') onWrite(10_000, killMyself)
if (isClient && SABOTAGE === 'the client is killed') killMyself()

/** Calls `act` each time that so many bytes more have been written. */
function onWrite(bytes, act) {
  const { write } = Socket.prototype
  let total = 0
  Socket.prototype.write = function (chunk, ...rest) {
    const before = total
    total += chunk.length
    const at = bytes - (before % bytes) - 1
    if (at < chunk.length) act(chunk, at)
    return write.call(this, chunk, ...rest)
  }
}

function flip(chunk, at) {
  chunk[at] ^= 1
}

function killMyself() {
  process.kill(process.pid, 'SIGKILL')
}
