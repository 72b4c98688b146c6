/**
 * poll-loop: one thread, many connections, and a loop that asks the kernel which of them are ready.
 *
 * Where does it wait?                   In `poller.wait`, which is poll(2) or epoll_wait(2).
 * Who calls whom?                       The loop calls everything, and all must return to it soon.
 * Where does a connection's state live? In its `EchoConnection`, found by its descriptor.
 * What breaks it?                       A call that blocks or computes for long: all wait.
 *
 * Textbooks keep two lists, inputs and outputs, and a dictionary of the data that waits for each
 * output. Here the poller keeps the lists: a connection that is watched for POLLIN is an input, one
 * that is watched for POLLOUT an output. The data that waits is the connection's `waiting`.
 */
import { ReceiveBuffer } from '../bytes/receive-buffer.ts'
import { type Accepted, POLLHUP, POLLIN, POLLOUT, WOULD_BLOCK } from '../posix/api.ts'
import { openPoller } from '../posix/open.ts'
import type { Serve } from '../server.ts'
import { Connection } from './connection.ts'
import { Connections } from './connections.ts'
import { Listener } from './listener.ts'

/** One for all: the loop reads from one socket at a time, and leaves nothing in here. */
const buffer = new ReceiveBuffer(65536)

class EchoConnection extends Connection {
  // #region backPressure
  /** What to wait for now: input unless too much output waits, and output if any does. */
  get interest(): number {
    const input = this.conversation.wantsRead(this.waiting.length) ? POLLIN : 0
    const output = this.waiting.length > 0 ? POLLOUT : 0
    return input | output
  }
  // #endregion backPressure

  // #region read
  protected read(): void {
    const count = this.posix.recv(this.fd, buffer.bytes)
    if (count === WOULD_BLOCK) return
    if (count === 0) this.#reply(this.conversation.end())
    else this.#reply(this.conversation.receive(buffer.first(count)))
  }
  // #endregion read

  // #region reply
  /** Nearly always the kernel takes a reply at once; POLLOUT is for what it does not take. */
  #reply(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    const sent = this.waiting.length === 0 ? this.#send(bytes) : 0
    if (sent < bytes.length) this.waiting.push(bytes.subarray(sent))
  }

  protected write(): void {
    this.waiting.drop(this.#send(this.waiting.peek()))
  }

  #send(bytes: Uint8Array): number {
    const sent = this.posix.send(this.fd, bytes)
    return sent === WOULD_BLOCK ? 0 : sent
  }
  // #endregion reply
}

export const serve: Serve = async (options, supervisor, posix) => {
  const poller = await openPoller(posix, options.poller)
  const listener = new Listener(options, posix, poller)
  const connections = new Connections(supervisor, posix, poller)

  // #region accept
  function accepted(client: Accepted): void {
    connections.add(new EchoConnection(options, posix, client, connections.deadlines))
  }
  // #endregion accept

  /** The supervisor has shut the listener down: closing time. */
  function closeAll(): void {
    listener.close()
    connections.finish()
  }

  supervisor.listening(posix.getsockname(listener.fd), { listener: listener.fd })
  // #region wait
  while (listener.isOpen || connections.size > 0) {
    const patience = Math.min(listener.watch(connections.size), connections.deadlines.patience())
    const ready = poller.wait(patience)
    for (let i = 0; i < ready; i++) {
      const fd = poller.fd(i)
      const events = poller.events(i)
      if (fd !== listener.fd) connections.handle(fd, events)
      else if (events & POLLHUP) closeAll()
      else if (events & POLLIN) listener.accept(connections.size).forEach(accepted)
    }
    connections.closeExpired()
  }
  // #endregion wait
  poller.close()
}
