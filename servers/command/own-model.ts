/** A model of the user's own: a file that is named where a command takes the name of a model. */
import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtModel, isPath } from '../boot/build.mjs'
import { ROOT } from '../boot/root.mjs'
import { findModel, MODELS, type Model, type Wait } from '../models.ts'
import { reasonOf } from '../support/error-code.ts'
import { UsageError, unknown } from './cli.ts'

/** What such a file exports: see CONTRIBUTING.md, "A model of your own". */
type Exports = Pick<Model, 'waits'> &
  Partial<Pick<Model, 'summary' | 'takes' | 'exceptions' | 'places'>> &
  Awaited<ReturnType<Model['load']>>

/**
 * The model with this name, or the one in this file. Throws a UsageError if there is none.
 *
 * @param what the name could have been, for the message
 */
export async function modelNamed(name: string, what = 'model'): Promise<Model> {
  const model = isPath(name) ? await ownModel(name) : findModel(name)
  if (model) return model
  const ids = MODELS.map(({ id }) => id)
  throw new UsageError(unknown(what, name, ids))
}

async function ownModel(name: string): Promise<Model> {
  if (!existsSync(name)) throw new UsageError(`there is no file ${name}`)
  // Other processes of a command are started in the root of the project.
  const id = pathFromRoot(name)
  const module = await load(id)
  const { serve, waits, summary = 'a model of your own', ...more } = module
  if (typeof serve !== 'function') throw notAModel(name, 'it exports no function `serve`')
  if (!isWaits(waits)) throw notAModel(name, 'it exports no `waits`, the list of its ways to wait')
  const { takes = [], exceptions = {}, places } = more
  const known = { id, folder: name, summary, waits, takes, exceptions, notes: [] }
  return { ...known, load: async () => module, ...(places && { places }) }
}

async function load(id: string): Promise<Exports> {
  try {
    return await import(builtModel(id).href)
  } catch (error) {
    throw notAModel(id, reasonOf(error))
  }
}

/** `./my/echo.ts`; an absolute path for a file outside the project. */
function pathFromRoot(name: string): string {
  const path = relative(fileURLToPath(ROOT), resolve(name))
  return path.startsWith('..') ? resolve(name) : `./${path}`
}

function isWaits(waits: unknown): waits is readonly Wait[] {
  const kinds = ['libc', 'atomics', 'node']
  return Array.isArray(waits) && waits.length > 0 && waits.every(({ io }) => kinds.includes(io))
}

function notAModel(name: string, why: string): UsageError {
  return new UsageError(`${name} is no model: ${why}; see CONTRIBUTING.md, "A model of your own"`)
}
