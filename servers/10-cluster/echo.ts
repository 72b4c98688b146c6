/**
 * cluster: a process for each core, each with an event loop and the async-await server in it.
 *
 * Where does it wait?                   In every process, where that one does: at each `await`.
 * Who calls whom?                       The primary accepts, and hands each connection to a worker.
 * Where does a connection's state live? In one worker's memory, which no other can see.
 * What breaks it?                       State that connections share: they may be in two processes.
 *
 * The handler is that of async-await: in each worker its echo.ts serves the connections. What is
 * written here is what the processes have to agree on; crew.ts and member.ts keep the promises.
 */
import { fileURLToPath } from 'node:url'
import { built } from '../boot/build.mjs'
import type { Serve } from '../server.ts'
import { Crew } from './crew.ts'

// #region serve
export const serve: Serve = async (options, supervisor) => {
  const program = fileURLToPath(built('servers/10-cluster/worker.ts'))
  const crew = new Crew(options, supervisor, program)
  const address = await crew.start()
  supervisor.listening(address, { stop: () => crew.stop() })
  await crew.ended
}
// #endregion serve
