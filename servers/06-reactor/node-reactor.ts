/**
 * How does a reactor run on an event loop that isn't its own? The loop, here Node's, calls the
 * reactor; Twisted has such reactors for the loops of GTK, Qt and asyncio. So `run` doesn't block,
 * and a single timer of that loop stands for the heap of delayed calls, set for the earliest.
 *
 * Node watches no descriptors for a program, so this reactor has no `addReader` and the like.
 */
import type { Server, Socket } from 'node:net'
import { sharedListener } from '../node/shared-listener.ts'
import type { ClientFactory, Factory, NodeParts, ReactorTcp } from './interfaces.ts'
import { NodeConnector } from './node-connector.ts'
import { NodePort } from './node-port.ts'
import { ReactorBase } from './reactor.ts'

export class NodeReactor extends ReactorBase implements ReactorTcp, NodeParts {
  /** Sockets and servers that aren't closed yet: Node closes them some time after it is told to. */
  readonly #handles = new Set<Socket | Server>()
  readonly #closed = sharedListener((handle: Socket | Server) => this.#handles.delete(handle))
  #alarmTime = Number.POSITIVE_INFINITY
  #stopAlarm = () => {}
  #stopped = () => {}

  async listenTCP(
    port: number,
    factory: Factory,
    backlog = 50,
    interfaceAddress = '',
  ): Promise<NodePort> {
    const listening = new NodePort(this, { port, factory, backlog, interfaceAddress })
    await listening.startListening()
    return listening
  }

  connectTCP(host: string, port: number, factory: ClientFactory, timeout = 30): NodeConnector {
    const connector = new NodeConnector(this, { host, port }, factory, timeout)
    connector.connect()
    return connector
  }

  async run(): Promise<void> {
    this.startRunning()
    const stopped = new Promise<void>((resolve) => {
      this.#stopped = resolve
    })
    this.#setAlarm(0)
    await stopped
    while (this.#handles.size > 0) await Promise.all([...this.#handles].map(closed))
  }

  async iterate(delay = 0): Promise<void> {
    this.runUntilCurrent()
    const wait = Math.min(delay, this.timeout()) * 1000
    await new Promise((resolve) => {
      if (wait > 0) setTimeout(resolve, Math.ceil(wait))
      else setImmediate(resolve)
    })
  }

  /** Called by ports and connectors: `run` ends only after `handle` has been closed. */
  track(handle: Socket | Server): void {
    this.#handles.add(handle)
    handle.on('close', this.#closed)
  }

  protected override scheduled(time: number): void {
    if (this.running && time < this.#alarmTime) this.#setAlarm(time)
  }

  #pass(): void {
    this.#alarmTime = Number.POSITIVE_INFINITY
    this.runUntilCurrent()
    if (this.running) this.#setAlarm(this.seconds() + this.timeout())
    else {
      this.#stopAlarm()
      this.#stopped()
    }
  }

  /** An alarm is always set: it also keeps the process alive while the reactor is idle. */
  #setAlarm(time: number): void {
    this.#stopAlarm()
    this.#alarmTime = time
    const milliseconds = Math.ceil((time - this.seconds()) * 1000)
    if (milliseconds <= 0) {
      const immediate = setImmediate(() => this.#pass())
      this.#stopAlarm = () => clearImmediate(immediate)
    } else {
      const timer = setTimeout(() => this.#pass(), milliseconds)
      this.#stopAlarm = () => clearTimeout(timer)
    }
  }
}

/** Resolves when the handle is closed, also after an error, which other listeners hear of. */
async function closed(handle: Socket | Server): Promise<void> {
  await new Promise((resolve) => handle.once('close', resolve))
}
