import { expect, test } from 'vitest'
import { ConnectionDone } from '../../servers/06-reactor/errors.ts'
import type { Producer } from '../../servers/06-reactor/interfaces.ts'
import { converse, LISTENER, noise, type Open, type Recorder } from './reactor-harness.ts'

const CHUNK = noise(10_000)

/**
 * Writes chunks until it is paused or all are written. Records its calls, and how many bytes were
 * unsent at each.
 */
class Flood implements Producer {
  readonly told: string[] = []
  readonly unsent: number[] = []
  readonly #self: Recorder
  #left: number
  #isPaused = false

  constructor(self: Recorder, chunks: number) {
    this.#self = self
    this.#left = chunks
  }

  pauseProducing(): void {
    this.#note('paused')
    this.#isPaused = true
  }

  resumeProducing(): void {
    this.#note('resumed')
    this.#isPaused = false
    this.flow()
  }

  stopProducing(): void {
    this.#note('stopped')
  }

  flow(): void {
    while (!this.#isPaused && this.#left > 0) {
      this.#left -= 1
      this.#self.transport.write(CHUNK)
    }
    if (this.#left === 0) this.#self.transport.unregisterProducer()
  }

  #note(event: string): void {
    this.told.push(event)
    this.unsent.push(this.#self.transport.unsent)
  }
}

/** Reads nothing for a moment, then everything. */
function slowly(self: Recorder): void {
  self.transport.pauseProducing()
  self.transport.reactor.callLater(0.02, () => self.transport.resumeProducing())
}

/** Producers that write much, for peers that read slowly. */
export function producerTests(open: Open): void {
  test.each([65536, 500])(
    'a push producer is paused above %d unsent bytes, and resumed at 0',
    async (limit) => {
      let flood!: Flood
      const { server, client } = await converse(
        await open(),
        {
          made: (self) => {
            if (limit !== self.transport.bufferSize) self.transport.bufferSize = limit
            flood = new Flood(self, 1000)
            self.transport.registerProducer(flood, true)
            flood.flow()
            // The close waits for the producer, which has hardly begun.
            self.transport.loseConnection()
          },
          lost: () => flood.told.push('lost'),
        },
        { ...LISTENER, made: slowly },
      )
      expect(client.received.length).toBe(1000 * CHUNK.length)
      expect(flood.told.slice(0, 2)).toEqual(['paused', 'resumed'])
      for (const [i, event] of flood.told.entries()) {
        expect(event).toBe(i === flood.told.length - 1 ? 'lost' : i % 2 ? 'resumed' : 'paused')
      }
      for (const [i, unsent] of flood.unsent.entries()) {
        if (i % 2) expect(unsent).toBe(0)
        else expect(unsent).toBeGreaterThan(limit)
        expect(unsent).toBeLessThanOrEqual(limit + CHUNK.length)
      }
      expect(server.reason).toBeInstanceOf(ConnectionDone)
    },
  )

  test('a paused producer is stopped when the peer resets, before connectionLost', async () => {
    let flood!: Flood
    const { server } = await converse(
      await open(),
      {
        made: (self) => {
          flood = new Flood(self, 100_000)
          self.transport.registerProducer(flood, true)
          flood.flow()
        },
        lost: () => flood.told.push('lost'),
      },
      {
        made: ({ transport }) => {
          transport.pauseProducing()
          transport.reactor.callLater(0.02, () => transport.abortConnection())
        },
      },
    )
    expect(flood.told[0]).toBe('paused')
    expect(flood.told.slice(-2)).toEqual(['stopped', 'lost'])
    expect(server.events).toEqual(['made', 'lost'])
  })

  test('a pull producer is asked for a chunk when the one before has been sent', async () => {
    let asked = 0
    const { client } = await converse(
      await open(),
      {
        made: (self) => {
          const producer: Producer = {
            pauseProducing: () => expect.unreachable('a pull producer is not paused'),
            stopProducing: () => {},
            resumeProducing: () => {
              expect(self.transport.unsent).toBe(0)
              asked += 1
              self.transport.write(CHUNK)
              if (asked === 500) self.transport.unregisterProducer()
            },
          }
          self.transport.registerProducer(producer, false)
          expect(asked).toBe(1)
          self.transport.loseConnection()
        },
      },
      { ...LISTENER, made: slowly },
    )
    expect(asked).toBe(500)
    expect(client.received.length).toBe(500 * CHUNK.length)
  })

  test('a close or half-close waits until the producer is unregistered', async () => {
    for (const close of ['loseConnection', 'loseWriteConnection'] as const) {
      const { client } = await converse(
        await open(),
        {
          ...LISTENER,
          made: (self) => {
            self.transport.registerProducer(new Flood(self, 0), true)
            self.transport[close]()
            self.transport.reactor.callLater(0.02, () => {
              self.transport.write(Buffer.from('the last'))
              self.transport.unregisterProducer()
            })
          },
        },
        LISTENER,
      )
      expect(client.received.toString()).toBe('the last')
    }
  })

  test('a second producer is refused; one on a lost connection is stopped at once', async () => {
    const late: string[] = []
    await converse(
      await open(),
      {
        made: (self) => {
          self.transport.registerProducer(new Flood(self, 0), true)
          expect(() => self.transport.registerProducer(new Flood(self, 0), true)).toThrow('already')
          self.transport.unregisterProducer()
          self.transport.loseConnection()
        },
        lost: (self) => {
          const flood = new Flood(self, 0)
          self.transport.registerProducer(flood, true)
          late.push(...flood.told)
        },
      },
      LISTENER,
    )
    expect(late).toEqual(['stopped'])
  })
}
