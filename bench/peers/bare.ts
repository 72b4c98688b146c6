/** The bare servers as rows: each model in its smallest form, which keeps few promises. */
import { launchProgram } from '../../clients/launcher.ts'
import { describeWait, type Model } from '../../servers/models.ts'
import { lacksPlaces, onlyBytes, placesOf, type Row } from '../run/rows.ts'

export function bareName({ folder }: Pick<Model, 'folder'>): string {
  return `${folder}/bare.ts`
}

/** The bare server of a model. It takes no flag but its port. */
export async function bareRow(model: Model): Promise<Row> {
  const refusal = await model.refusal?.()
  const command = [process.execPath, '--import', 'tsx', `servers/${bareName(model)}`, '0']
  // None of them uses the layer in JavaScript.
  const wait = model.waits.find(({ io }) => io !== 'atomics')!
  return {
    name: bareName(model),
    wait: describeWait(wait),
    io: wait.io,
    isParallel: model.takes.some((flag) => flag === 'threads' || flag === 'workers'),
    start: (_, cpus) => launchProgram(command, { cpus }),
    cannot: (load) => refusal ?? onlyBytes(load) ?? lacksPlaces(placesOf(model), load),
  }
}
