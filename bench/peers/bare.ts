/** The bare servers as rows: each model in its smallest form, which keeps few promises. */
import { launchProgram } from '../../clients/launcher.ts'
import { describeWait, type Model } from '../../servers/models.ts'
import { isParallel, lacksPlaces, onlyBytes, placesOf, type Row } from '../run/rows.ts'

export function bareName({ folder }: Pick<Model, 'folder'>): string {
  return `${folder}/bare.ts`
}

/** The command that starts it, as an argument vector that lacks the port. */
export function bareCommand(model: Model): string[] {
  return [process.execPath, '--import', 'tsx', `servers/${bareName(model)}`]
}

/** The bare server of a model. It takes no flag but its port. */
export async function bareRow(model: Model): Promise<Row> {
  const refusal = await model.refusal?.()
  const command = [...bareCommand(model), '0']
  // None of them uses the layer in JavaScript.
  const wait = model.waits.find(({ io }) => io !== 'atomics')!
  return {
    name: bareName(model),
    wait: describeWait(wait),
    io: wait.io,
    isParallel: isParallel(model),
    start: (_, cpus) => launchProgram(command, { cpus }),
    cannot: (load) => refusal ?? onlyBytes(load) ?? lacksPlaces(placesOf(model), load),
  }
}
