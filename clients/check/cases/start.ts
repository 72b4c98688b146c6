/** Promise 9: a server that can't start says why in one line. */
import { LaunchError } from '../../launcher.ts'
import type { Case } from '../case.ts'
import type { Trial } from '../trial.ts'
import { Broken } from '../verdict.ts'

export const startCases: readonly Case[] = [
  {
    promise: 9,
    name: 'a port in use is one line on stderr, and an exit code',
    needs: ['own server'],
    run: portInUse,
  },
]

async function portInUse(trial: Trial): Promise<void> {
  const first = await trial.start()
  const { port } = first.address
  const error = await trial.start({ port }).then(
    () => undefined,
    (reason) => reason,
  )
  if (!error) throw new Broken('a server that ends', 'a second server that listens')
  if (!(error instanceof LaunchError)) throw error
  const { code, stderr } = error.exit
  trial.check(code !== 0, 'an exit code other than 0', `exit code ${code}`)
  const said = stderr.trimEnd().split('\n')
  trial.check(said[0] !== '', 'a line on stderr that says why', 'nothing on stderr')
  trial.check(said.length === 1, 'one line on stderr', `${said.length} lines: ${said[0]} …`)
}
