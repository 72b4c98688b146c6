/**
 * The load generators as one piece of JavaScript each. They start in a third of the time that tsx
 * takes, and a full run starts one a thousand times.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Packages are found from within the project only; git ignores this folder. */
const FOLDER = fileURLToPath(new URL('results', import.meta.url))
const ROOT = new URL('..', import.meta.url)

/** The commands that start them; the end of its scope removes the files. */
export class Generators implements AsyncDisposable {
  /** For the echo protocols: `client load`. */
  readonly load: readonly string[]
  /** For HTTP: autocannon. */
  readonly http: readonly string[]
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
    this.load = [process.execPath, join(folder, 'load.mjs'), 'load', '--json']
    this.http = [process.execPath, join(folder, 'http.mjs')]
  }

  static async build(): Promise<Generators> {
    await mkdir(FOLDER, { recursive: true })
    const folder = await mkdtemp(join(FOLDER, 'generator-'))
    await build({
      entryPoints: { load: 'clients/main.ts', http: 'bench/http-load.ts' },
      absWorkingDir: fileURLToPath(ROOT),
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'silent',
    })
    return new Generators(folder)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true })
  }
}
