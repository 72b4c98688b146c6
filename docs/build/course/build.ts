/**
 * Makes a program of a submission, wherever its files are. `#servers/…` in its imports means this
 * project's servers/, and what opens the socket layer is wrapped from outside: faults and traces are
 * made there, and no submission knows of them.
 */

import { mkdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { ROOT } from '../../../servers/boot/root.mjs'

/** A program that can be started with `node`, until it is disposed of. */
export interface Built extends AsyncDisposable {
  readonly file: string
}

/** What is wrong with the source, as esbuild says it: a line for each mistake. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
}

const path = (relative: string) => fileURLToPath(new URL(relative, ROOT))

/** @param source the text of the program, which may import the submission by its absolute path */
export async function buildProgram(source: string): Promise<Built> {
  // Packages are found from there: see servers/boot/build.mjs.
  const cache = path('node_modules/.cache/echo-architectures-course')
  mkdirSync(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'program-'))
  const file = join(folder, 'program.mjs')
  try {
    await build({
      stdin: { contents: source, resolveDir: path('docs/build/course'), loader: 'ts' },
      absWorkingDir: path(''),
      outfile: file,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20',
      sourcemap: 'linked',
      define: { 'import.meta.url': JSON.stringify(new URL('servers/boot/root.mjs', ROOT).href) },
      plugins: [ownImports],
      logLevel: 'silent',
    })
  } catch (error) {
    await rm(folder, { recursive: true })
    throw sourceError(error)
  }
  return { file, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

const ownImports: Plugin = {
  name: 'own imports',
  setup({ onResolve }) {
    onResolve({ filter: /^#servers\/posix\/open\.ts$/ }, () => ({
      path: path('docs/build/course/open.ts'),
    }))
    onResolve({ filter: /^#servers\// }, ({ path: name }) => ({ path: path(name.slice(1)) }))
  },
}

interface Message {
  readonly text: string
  readonly location: { readonly file: string; readonly line: number } | null
}

function sourceError(error: unknown): unknown {
  if (!(error instanceof Error && 'errors' in error)) return error
  const lines = (error.errors as Message[]).map(({ text, location }) =>
    location ? `${location.file}:${location.line}: ${text}` : text,
  )
  return new SourceError(lines.join('\n'))
}
