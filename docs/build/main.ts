/** `npm run docs`: builds the site, and says where to point the browser. */
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Option } from 'commander'
import { note, plural } from '../../clients/terminal.ts'
import { ROOT } from '../../servers/boot/root.mjs'
import { createCommand, fail, print, runCommand, UsageError } from '../../servers/command/cli.ts'
import { buildSite } from './site.ts'
import { SiteError } from './site-error.ts'

interface Options {
  out: string
  api: boolean
}

const SITE = fileURLToPath(new URL('docs/site', ROOT))

const command = createCommand('npm run docs --', 'Builds the pages and the API as a site.')
  .addOption(
    new Option('--out <folder>', 'where to; a site in this folder is replaced').default(
      SITE,
      'docs/site',
    ),
  )
  .option('--no-api', 'leave out the pages of the API, which take longest')
  .addHelpText(
    'after',
    `
The site opens from disk, in any browser. If a page has a broken link, or a quote
that is no longer true, all such places are named and the old site stays.

Examples:
  npm run docs
  npm run docs -- --no-api --out /tmp/site`,
  )
  .action(async ({ out, api }: Options) => {
    const folder = resolve(out)
    mustBeReplaceable(folder)
    const start = performance.now()
    const count = await build(folder, api)
    const time = ((performance.now() - start) / 1000).toFixed(1)
    note(`${plural(count, 'page')}${api ? ' and the API' : ''} in ${time} s; open:`)
    await print(`${pathToFileURL(folder).href}/index.html\n`)
  })

/** Nothing is lost by a mistake in `--out`, such as the name of somebody's home. */
function mustBeReplaceable(folder: string): void {
  const isFree = !existsSync(folder) || readdirSync(folder).length === 0
  if (folder === SITE || isFree || existsSync(join(folder, 'site.js'))) return
  throw new UsageError(`--out ${folder}: this folder has other files in it; name a new one`)
}

async function build(folder: string, hasApi: boolean): Promise<number> {
  try {
    return await buildSite(folder, hasApi)
  } catch (error) {
    if (!(error instanceof SiteError)) throw error
    fail(error.message.replace(/\n/g, '\nerror: '))
  }
}

await runCommand(command)
