/** Promise 4 again: urgent data, which few servers expect, must not keep the server busy. */
import { openPosix } from '../../../servers/posix/open.ts'
import type { Case } from '../case.ts'
import type { Trial } from '../trial.ts'
import { loadSendUrgent } from '../urgent.ts'
import { CannotTell } from '../verdict.ts'
import { quiet } from './limits.ts'

export const urgentCases: readonly Case[] = [
  {
    promise: 4,
    name: 'urgent data, alone or behind other bytes, costs no processor time',
    needs: ['process'],
    run: urgentData,
  },
]

/** One urgent byte stays pending while nothing else comes: tcp(7). */
async function urgentData(trial: Trial): Promise<void> {
  if (process.platform !== 'linux') throw new CannotTell('this needs system calls of Linux')
  const server = trial.shared
  const posix = await openPosix('libc')
  const sendUrgent = await loadSendUrgent()
  const client = posix.socket(server.address.family, 'blocking')
  try {
    posix.setsockopt(client, 'SO_RCVTIMEO', 10)
    posix.connect(client, server.address)
    await trial.settled(server)
    for (const line of ['', 'hello\n']) {
      trial.note(
        line ? 'a client sends a line and an urgent byte' : 'a client sends an urgent byte',
      )
      posix.send(client, Buffer.from(line))
      sendUrgent(client)
      await quiet(trial, server, 0.1)
    }
    const reply = Buffer.alloc(16)
    const got = reply.subarray(0, Math.max(0, posix.recv(client, reply))).toString('latin1')
    trial.check(got === 'hello\n', 'the reply to the line', JSON.stringify(got))
  } finally {
    posix.close(client)
  }
}
