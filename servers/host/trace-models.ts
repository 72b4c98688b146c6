/** What a trace shows beyond calls and event loops: where some models wait by means of their own. */
import type { ServeOptions } from '../server.ts'
import { around } from '../trace/around.ts'
import { now } from '../trace/events.ts'
import { type Calls, traceEpoll } from '../trace/posix.ts'
import type { Recorder } from '../trace/recorder.ts'
import type { Recording } from '../trace/trace.ts'

export async function traceModel(
  model: string,
  { io, poller, reactor }: ServeOptions,
  { recorder, calls }: Recording,
): Promise<void> {
  if (io === 'libc' && [poller, reactor].includes('epoll')) {
    traceEpoll((await import('../posix/epoll.ts')).EpollPoller, calls)
  }
  if (model === 'green-threads') await traceHub(recorder)
  if (model === 'completion') await traceProactor(recorder, calls)
}

/** Each time that the hub switches to a green thread, until that one gives the thread back. */
async function traceHub(recorder: Recorder): Promise<void> {
  const { Greenlet } = await import('../07-green-threads/greenlet.ts')
  for (const name of ['switch', 'throw'] as const) {
    around(Greenlet.prototype, name, (method, [value], self) => {
      recorder.begin(`${self}`, 'green thread')
      try {
        method(value)
      } finally {
        recorder.end()
      }
    })
  }
}

/** The one call that waits, and the operations: each begins here, and the kernel completes it later. */
async function traceProactor(recorder: Recorder, calls: Calls): Promise<void> {
  const { Proactor } = await import('../11-completion/proactor.ts')
  const completed = (name: string, fd: number, result: number) =>
    recorder.instant(`${name} completed`, 'call', { fd, client: calls.client(fd), result })
  around(Proactor.prototype, 'wait', (wait) => calls.waiting('io_uring_enter', {}, wait))
  around(Proactor.prototype, 'recv', (recv, [fd, handler]) =>
    recv(fd, (result, flags) => {
      completed('recv', fd, result)
      handler(result, flags)
    }),
  )
  around(Proactor.prototype, 'send', (send, [fd, block, from, to, handler]) => {
    const begun = now()
    return send(fd, block, from, to, (result, flags) => {
      completed('send', fd, result)
      calls.sent(fd, to - from, { from: begun, result })
      handler(result, flags)
    })
  })
  around(Proactor.prototype, 'close', (close, [fd, handler]) => {
    calls.closed(fd)
    return close(fd, handler)
  })
}
