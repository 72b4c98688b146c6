/** The command `npm run scene`: plays a scene against some models, and shows who waits for whom. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LaunchError } from '../../clients/launcher.ts'
import { timelineOf } from '../../clients/scenes/compose.ts'
import { play } from '../../clients/scenes/player.ts'
import { SCENES, type Scene } from '../../clients/scenes/scenes.ts'
import { renderLegend, renderTimeline } from '../../clients/scenes/terminal.ts'
import type { Timeline } from '../../clients/scenes/timeline.ts'
import { wrapped } from '../../clients/terminal.ts'
import {
  createCommand,
  exitWhenInterrupted,
  fail,
  integer,
  print,
  runCommand,
  UsageError,
  unknown,
} from '../../servers/command/cli.ts'
import { modelNamed } from '../../servers/command/own-model.ts'
import { chooseWait, type Model } from '../../servers/models.ts'
import { errorCode, reasonOf } from '../../servers/support/error-code.ts'
import { EXIT } from '../../servers/support/exit-codes.ts'
import { timelinePage } from './timelines/page.ts'

interface Flags {
  readonly html?: string
  readonly traces?: string
  readonly width?: number
}

const HELP = `
Scenes:
${SCENES.map(({ id, title }) => `  ${id.padEnd(14)} ${title}`).join('\n')}

Examples:
  npm run scene -- hog threads poll-loop async-await cluster
  npm run scene -- burst threads --html burst.html
  npm run scene -- three-clients ./my/echo.ts --traces traces

Exit codes: 0 done, 1 a server failed, 2 wrong use, 3 not on this machine, 130 interrupted.`

exitWhenInterrupted()

await runCommand(
  createCommand('scene', 'Play a scene against some models, and show who waits for whom.')
    .argument('<scene>', 'a conversation of a few clients')
    .argument('<models...>', 'models, or files with your own')
    .option('--html <file>', 'write the pictures as a page that opens from disk')
    .option('--traces <folder>', 'keep the traces of the servers, Trace Event JSON')
    .option('--width <columns>', 'columns of the output', integer(40, 400))
    .addHelpText('after', HELP)
    .action(show),
)

async function show(id: string, names: string[], flags: Flags): Promise<void> {
  const scene = SCENES.find((known) => known.id === id)
  if (!scene)
    throw new UsageError(
      unknown(
        'scene',
        id,
        SCENES.map((known) => known.id),
      ),
    )
  const models = await Promise.all(names.map((name) => modelNamed(name)))
  if (flags.traces !== undefined) await makeFolder(flags.traces)
  const look = lookOf(flags)
  await print(`${wrapped(`${scene.title}. ${scene.summary}`, '', look.width).join('\n')}\n\n`)
  const timelines: Timeline[] = []
  for (const model of models) {
    const timeline = await played(scene, model, flags)
    timelines.push(timeline)
    await print(`${renderTimeline(timeline, look)}\n`)
  }
  await print(renderLegend())
  if (flags.html !== undefined) await writePage(flags.html, scene, timelines)
}

async function played(scene: Scene, model: Model, { traces }: Flags): Promise<Timeline> {
  const refusal = await model.refusal?.()
  if (refusal) fail(refusal, EXIT.unsupported)
  const wait = chooseWait(model, {})
  try {
    const found = await play(scene, model, wait)
    if (traces !== undefined) {
      const name = `${scene.id}-${model.id.replaceAll(/[^\w-]+/g, '-')}.json`
      await writeFile(join(traces, name), `${JSON.stringify(found.trace, null, 1)}\n`)
    }
    return timelineOf(scene, model, wait, found)
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error
    fail(error.message)
  }
}

function lookOf({ width }: Flags): { width: number; colour: boolean } {
  const { isTTY, columns = 80 } = process.stdout
  const { NO_COLOR, CI } = process.env
  return { width: width ?? Math.min(columns, 120), colour: Boolean(isTTY) && !NO_COLOR && !CI }
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new UsageError(`--traces ${folder}: the folder can't be made: ${reasonOf(error)}`)
  })
}

async function writePage(file: string, scene: Scene, timelines: Timeline[]): Promise<void> {
  try {
    await writeFile(file, await timelinePage(scene, timelines))
  } catch (error) {
    if (errorCode(error) === undefined) throw error
    fail(`--html ${file} can't be written: ${reasonOf(error)}`)
  }
  process.stderr.write(`the page is ${file}\n`)
}
