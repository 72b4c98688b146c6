/** The pages of the API, which TypeDoc makes: see typedoc.config.mjs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { ROOT } from '../../servers/boot/root.mjs'
import { SiteError } from './site-error.ts'

/** Rejects with a SiteError that has the words of TypeDoc, if that fails. */
export async function buildApi(folder: string): Promise<void> {
  const program = fileURLToPath(new URL('node_modules/typedoc/bin/typedoc', ROOT))
  const child = spawn(process.execPath, [program, '--out', folder, '--logLevel', 'Warn'], {
    cwd: fileURLToPath(ROOT),
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  if (code !== 0) throw new SiteError(`TypeDoc failed:\n${output}${errors}`.trimEnd())
}
