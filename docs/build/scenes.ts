/** The command `npm run scenes`: plays every scene against every model, and keeps the timelines. */

import { timelineOf } from '../../clients/scenes/compose.ts'
import { keepScene, keptScene } from '../../clients/scenes/kept.ts'
import { differencesOfOrder, sceneEvents } from '../../clients/scenes/order.ts'
import { play } from '../../clients/scenes/player.ts'
import { SCENES, type Scene } from '../../clients/scenes/scenes.ts'
import {
  createCommand,
  exitWhenInterrupted,
  print,
  runCommand,
  UsageError,
  unknown,
} from '../../servers/command/cli.ts'
import { chooseWait, MODELS, type Model } from '../../servers/models.ts'
import { EXIT } from '../../servers/support/exit-codes.ts'

interface Flags {
  readonly scenes?: string
  readonly models?: string
  readonly check: boolean
}

const HELP = `
The timelines are in docs/scenes, a file for each scene and model; the site shows them.

Examples:
  npm run scenes
  npm run scenes -- --scenes hog,burst --models threads
  npm run scenes -- --check

Exit codes: 0 done, 1 --check has found another order, 2 wrong use, 130 interrupted.`

exitWhenInterrupted()

await runCommand(
  createCommand('scenes', 'Play every scene against every model, and keep the timelines.')
    .option('--scenes <ids>', 'only these, separated by commas')
    .option('--models <ids>', 'only these models')
    .option('--check', 'keep nothing: say whether things still happen in the kept order', false)
    .addHelpText('after', HELP)
    .action(record),
)

async function record({ scenes, models, check }: Flags): Promise<void> {
  const chosen = choose('scene', SCENES, scenes)
  for (const model of choose('model', MODELS, models)) {
    if (await model.refusal?.()) {
      await print(`${model.id}: can't run on this machine\n`)
      continue
    }
    for (const scene of chosen) await (check ? compare(scene, model) : keep(scene, model))
  }
}

function choose<Item extends { readonly id: string }>(
  what: string,
  all: readonly Item[],
  ids?: string,
): readonly Item[] {
  if (ids === undefined) return all
  return ids.split(',').map((id) => {
    const found = all.find((item) => item.id === id)
    if (!found)
      throw new UsageError(
        unknown(
          what,
          id,
          all.map((item) => item.id),
        ),
      )
    return found
  })
}

async function keep(scene: Scene, model: Model): Promise<void> {
  const wait = chooseWait(model, {})
  const played = await play(scene, model, wait)
  const timeline = timelineOf(scene, model, wait, played)
  keepScene({ timeline, order: sceneEvents(played.clients) })
  await print(`kept: ${scene.id}, ${model.id}\n`)
}

async function compare(scene: Scene, model: Model): Promise<void> {
  const kept = keptScene(scene.id, model.id)
  const played = await play(scene, model, chooseWait(model, {}))
  const differences = kept
    ? differencesOfOrder(kept.order, sceneEvents(played.clients))
    : ['it is not kept']
  for (const text of differences) await print(`${scene.id}, ${model.id}: ${text}\n`)
  if (differences.length > 0) process.exitCode = EXIT.failed
}
