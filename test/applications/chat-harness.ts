/** Chats in this process, and clients of them. */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { run } from '../../servers/07-green-threads/gevent.ts'
import type { Entry } from '../../servers/applications/chat/bus.ts'
import { start } from '../../servers/applications/chat/chat.ts'
import type { Address } from '../../servers/posix/api.ts'

export interface Frame {
  readonly entries?: Entry[]
  readonly last?: string
  readonly gap?: boolean
  readonly people?: { count: number; names: string[] }
  readonly ack?: string
  readonly refused?: string
  readonly id?: string
}

export interface Chat {
  /** Such as `http://127.0.0.1:8000`. */
  readonly site: string
  /** Resolves when it has stopped. */
  stop(): Promise<void>
}

/** Resolves when it listens. */
export function startChat(bus?: string): Promise<Chat> {
  const where = ['127.0.0.1', 0] as const
  const reporter = { connected() {}, disconnected() {} }
  return new Promise((resolve, reject) => {
    const listening = ({ port }: Address, stop: () => void) => {
      const stopped = () => {
        stop()
        return ended
      }
      resolve({ site: `http://127.0.0.1:${port}`, stop: stopped })
    }
    const ended = run(() => start({ where, bus, log: false, grace: 1, listening, reporter }))
    ended.catch(reject)
  })
}

export function postTo(site: string, body: unknown, headers = {}): Promise<Response> {
  return fetch(`${site}/rooms/lobby/messages?name=Ada`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

/** A WebSocket in the lobby, what has come, and a function that waits until something is true. */
export async function connectTo(site: string, query: string) {
  const socket = new WebSocket(`${site.replace('http', 'ws')}/rooms/lobby/socket?${query}`)
  const frames: Frame[] = []
  let wake = () => {}
  socket.on('message', (data) => {
    frames.push(JSON.parse(data.toString()) as Frame)
    wake()
  })
  await once(socket, 'open')
  const texts = () => frames.flatMap(({ entries }) => entries ?? []).map(({ text }) => text)
  async function until(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  const say = (text: string, key: string) => socket.send(JSON.stringify({ text, key }))
  return { socket, frames, texts, until, say }
}
