/** Documents on disk: checked when they are read, and written so that a crash loses nothing. */
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { UsageError } from '../../servers/command/cli.ts'
import { reasonOf } from '../../servers/support/error-code.ts'
import { faultIn } from './check.ts'
import type { BenchDocument } from './document.ts'

/** Reads a run that was saved with `--json`. A UsageError says what is wrong with the file. */
export async function readDocument(file: string): Promise<BenchDocument> {
  const document = parse(await readText(file))
  if (document === undefined) throw new UsageError(`${file} is no JSON, or not all of it`)
  const version = (document as { schemaVersion?: unknown } | null)?.schemaVersion
  if (version === undefined) throw new UsageError(`${file} was not saved by npm run bench`)
  if (version !== 3) {
    const remedy = 'only 3 can be read: measure again'
    throw new UsageError(`${file} has the schemaVersion ${JSON.stringify(version)}; ${remedy}`)
  }
  const fault = faultIn(document)
  if (fault !== undefined) throw new UsageError(`${file} is damaged: ${fault}`)
  return document as BenchDocument
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new UsageError(`${file} can't be read: ${reasonOf(error)}`)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Replaces the content of a file, or makes the file. A program that reads it at the same time sees
 * all of the old content or all of the new. Rejects with an error of node:fs; then nothing has
 * changed.
 */
export async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  // A symbolic link stays: the file that it leads to is replaced.
  const target = await realpath(file).catch(() => file)
  const old = await stat(target).catch(() => undefined)
  const draft = `${target}.${process.pid}.tmp`
  try {
    await writeThrough(draft, content, old?.mode)
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Resolves when `content` is on the disk. @param mode undefined for the mode of any new file */
async function writeThrough(file: string, content: string | Uint8Array, mode?: number) {
  const handle = await open(file, 'w')
  try {
    await handle.writeFile(content)
    if (mode !== undefined) await handle.chmod(mode & 0o777)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
