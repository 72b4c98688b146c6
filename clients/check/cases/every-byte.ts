/** Promise 1: each client gets exactly the replies of the rule. */
import type { Case } from '../case.ts'
import { expectedReply } from '../expected.ts'
import { anyLines, cut, MiB, SAMPLES } from '../samples.ts'
import type { Trial } from '../trial.ts'
import { Broken } from '../verdict.ts'

/** Sends the pieces, each in a packet of its own, and expects the replies that are due to them. */
async function converse(trial: Trial, sent: Buffer, pieces: readonly Buffer[]): Promise<void> {
  const due = expectedReply(trial.protocol, sent)
  const peer = await trial.connect()
  const reply = peer.receive(due)
  await Promise.all([reply, peer.sendPieces(pieces).catch(() => {})])
  // What comes now isn't due. That the connection ends as it should is promise 2.
  peer.end()
  const more = await peer.rest().catch(() => '')
  if (more.length > 0) throw new Broken('no more bytes', `${more.length} bytes more than are due`)
}

const samples: Case[] = Object.entries(SAMPLES).flatMap(([what, sent]) => [
  {
    promise: 1,
    name: `${what}, in one piece`,
    run: (trial) => converse(trial, sent, [sent]),
  },
  {
    promise: 1,
    name: `${what}, in small pieces`,
    run: (trial) => converse(trial, sent, cut(sent, Math.max(1, Math.ceil(sent.length / 300)))),
  },
])

const good = 'good\nalso good\n'
const tooLong = `${good}${'x'.repeat(16385)}`

/** The rule has a limit for lines: see docs/protocol.md, "The longest line". */
const limits: Case[] = Object.entries({
  'one byte too long, unterminated': tooLong,
  'one byte too long, with its newline': `${tooLong}\n`,
  'much too long, and more behind it': `${tooLong}${'y'.repeat(300_000)}\nnever answered\n`,
}).flatMap(([what, text]) => {
  const sent = Buffer.from(text)
  return [[sent], cut(sent, 5000)].map((pieces) => ({
    promise: 1,
    name: `a line ${what}${pieces.length > 1 ? ', in pieces' : ''}`,
    protocols: ['line', 'previous'],
    run: (trial) => converse(trial, sent, pieces),
  }))
}) satisfies Case[]

export const everyByteCases: readonly Case[] = [
  ...samples,
  ...limits,
  {
    promise: 1,
    name: '8 MiB of lines',
    run: async (trial) => {
      const sent = anyLines(8 * MiB)
      await converse(trial, sent, cut(sent, 65_521))
    },
  },
  {
    promise: 1,
    name: 'a reply comes before the next line is sent',
    run: async (trial) => {
      const peer = await trial.connect()
      for (let i = 0; i < 50; i++) await peer.say(`Hello World!:${i}`)
    },
  },
  {
    promise: 1,
    name: 'twenty clients are answered, turn by turn',
    needs: ['concurrency'],
    run: async (trial) => {
      const peers = await trial.connectMany(20)
      for (let turn = 0; turn < 10; turn++) {
        await Promise.all(peers.map((peer, i) => peer.sendLine(`${i} in turn ${turn}`)))
        await Promise.all(peers.map((peer) => peer.hear()))
      }
    },
  },
  {
    promise: 1,
    name: 'clients come and go, over and over',
    once: true,
    run: async (trial) => {
      for (let round = 0; round < 5; round++) {
        for (const peer of await trial.connectMany(20)) {
          await peer.say('x')
          peer.end()
          peer[Symbol.dispose]()
        }
      }
    },
  },
]
