import { type LaunchOptions, launch, type RunningServer } from '../../clients/launcher.ts'
import { ClientSession } from '../../clients/session.ts'
import type { Model } from '../../servers/models.ts'

export const IS_LINUX = process.platform === 'linux'

/** What the tests of one way to wait are about. */
export interface Variant {
  readonly model: Model
  /** The flags of `serve` that choose this way to wait. */
  readonly flags: readonly string[]
}

/** Starts this variant with further flags. */
export function start(
  { model, flags }: Variant,
  more: readonly string[] = [],
  options?: LaunchOptions,
): Promise<RunningServer> {
  return launch(model.id, [...flags, ...more], options)
}

/** Opens `count` connections and lets them go at the end of the test's block. */
export async function connectMany(
  server: Pick<RunningServer, 'address'>,
  count: number,
): Promise<ClientSession[]> {
  return Promise.all(Array.from({ length: count }, () => ClientSession.connect(server.address)))
}
