/** Is loaded into each worker before its program: the worker listens when the grader lets it. */
import cluster from 'node:cluster'
import { readSync, writeSync } from 'node:fs'
import { Server } from 'node:net'

const { listen } = Server.prototype

if (cluster.isWorker) {
  Server.prototype.listen = function (...settings) {
    writeSync(2, `${process.env.COURSE_GATE}\n`)
    // All workers have the primary's stdin. It blocks until there is a byte for this one, or the end.
    readSync(0, new Uint8Array(1))
    return listen.apply(this, settings)
  }
}
