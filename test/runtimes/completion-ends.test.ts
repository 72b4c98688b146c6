/** How the model completion ends connections, besides what the contract tests in every model. */
import { expect, test } from 'vitest'
import { launch } from '../../clients/launcher.ts'
import { ClientSession } from '../../clients/session.ts'
import { findModel } from '../../servers/models.ts'

const refusal = process.platform === 'linux' ? await findModel('completion')?.refusal?.() : 'Linux'

test.skipIf(refusal)('a FIN is never sent to the next connection on its descriptor', async () => {
  await using server = await launch('completion', ['--protocol', 'line', '--max-line', '10'])
  const due = 'error: line longer than 10 bytes\n'

  /** The server sends its FIN as the line is too long, and closes as the client's FIN has come. */
  async function converse(): Promise<void> {
    using client = await ClientSession.connect(server.address)
    await client.send('a line of more than ten bytes\n')
    client.end()
    expect((await client.receiveAll()).toString()).toBe(due)
  }

  for (let round = 0; round < 100; round++) {
    await Promise.all(Array.from({ length: 10 }, converse))
  }
})
