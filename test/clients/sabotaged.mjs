// Loaded before `serve callbacks` by --import: FAULT is the number of the promise that it breaks.
import { openSync, readdirSync } from 'node:fs'
import { Server, Socket } from 'node:net'

const { write } = Socket.prototype

const FAULTS = {
  // A carriage return before a newline is lost: somebody has "cleaned up" the lines.
  1: () => {
    Socket.prototype.write = function (chunk, ...rest) {
      const text = Buffer.from(chunk).toString('latin1')
      return write.call(this, Buffer.from(text.replaceAll('\r\n', '\n'), 'latin1'), ...rest)
    }
  },
  // The end of the input is taken for the end of the connection.
  2: () => onConnection((socket) => socket.on('end', () => socket.destroy())),
  // It never stops reading.
  3: () => {
    Socket.prototype.pause = function () {
      return this
    }
  },
  // Each reset leaves a descriptor open.
  4: () => onConnection((socket) => socket.on('error', () => openSync('/dev/null'))),
  // Clients above the limit are refused.
  5: () => {
    const at = process.argv.indexOf('--max-connections')
    const limit = at < 0 ? Number.POSITIVE_INFINITY : Number(process.argv[at + 1])
    let open = 0
    onConnection((socket) => {
      open += 1
      socket.on('close', () => {
        open -= 1
      })
      if (open > limit) socket.destroy()
    })
  },
  // It has no clock.
  6: () => {
    Socket.prototype.setTimeout = function () {
      return this
    }
  },
  // Out of descriptors it tries again, and again.
  7: () => {
    setInterval(() => {
      try {
        readdirSync('/proc/self/fd')
      } catch {
        const until = performance.now() + 40
        while (performance.now() < until);
      }
    }, 50).unref()
  },
  // It ends at once, whatever it owes.
  8: () => {
    process.on('SIGTERM', () => process.exit(0))
  },
  // It says much when it can't listen.
  9: () => {
    const { stderr } = process
    process.on('exit', (code) => {
      if (code === 1) stderr.write('    at listen (server.js:1:2)\n    at main (server.js:3:4)\n')
    })
  },
}

FAULTS[process.env.FAULT]?.()

function onConnection(act) {
  const { emit } = Server.prototype
  Server.prototype.emit = function (event, socket, ...rest) {
    if (event === 'connection') act(socket)
    return emit.call(this, event, socket, ...rest)
  }
}
