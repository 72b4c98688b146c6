/**
 * The originals beside ours: which of them this machine has is found out, and of the others it is
 * said what brings them. Nobody has all of them installed.
 */

import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { launchProgram } from '../../clients/launcher.ts'
import { ROOT } from '../../servers/boot/root.mjs'
import { PROTOCOLS } from '../../servers/protocol/protocols.ts'
import { lacksPlaces, onlyBytes, type Row } from '../run/rows.ts'
import type { BenchProtocol } from '../workloads.ts'
import { PEERS, type Peer } from './list.ts'

/** What runs and compiles them; where there are several, the first that will do. */
export interface Tools {
  readonly python: readonly string[]
  readonly cc: string
  readonly go: string
}

/** Debian's Python goes first: it is the one that has Debian's packages. */
const TOOLS: Tools = { python: ['/usr/bin/python3', 'python3', 'python3.11'], cc: 'cc', go: 'go' }

/** Finds out which of `asked` this machine has, and compiles those that must be. */
export async function findPeers(asked = PEERS, tools = TOOLS): Promise<Peers> {
  const folder = await mkdtemp(join(tmpdir(), 'echo-peers-'))
  const found = await Promise.all(asked.map((peer) => tryPrepare(peer, tools, folder)))
  const rows = found.filter((one) => typeof one !== 'string')
  const missing = found.filter((one) => typeof one === 'string')
  return new Peers(folder, rows, missing)
}

/** Those that are here; the end of its scope removes what was compiled. */
export class Peers implements AsyncDisposable {
  readonly rows: readonly Row[]
  /** A line for each that isn't here, with what to do. */
  readonly missing: readonly string[]
  readonly #folder: string

  constructor(folder: string, rows: readonly Row[], missing: readonly string[]) {
    this.#folder = folder
    this.rows = rows
    this.missing = missing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true })
  }
}

/** The row of a peer, or why there is none. */
async function tryPrepare(peer: Peer, tools: Tools, folder: string): Promise<Row | string> {
  const refusal = await peer.refusal?.()
  if (refusal) return `${peer.name} can't run here: ${refusal}`
  try {
    return toRow(peer, await prepare(peer, tools, folder))
  } catch (error) {
    return explain(peer, error as ExecError)
  }
}

/** What a failed execFile rejects with: no such program, or its exit code and what it has said. */
interface ExecError {
  readonly code?: string | number
  readonly stderr?: string
}

function explain({ name, source, remedy }: Peer, { code, stderr = '' }: ExecError): string {
  const isCompiled = extname(source) !== '.py'
  if (code === 'ENOENT' || !isCompiled) return `${name} is missing: ${remedy}`
  const lines = stderr.trim().split('\n')
  const complaint = lines.find((line) => line.includes('error:')) ?? lines[0]
  return `${name} does not compile here: ${complaint}`
}

/** The command that starts it, but for its flags. Rejects with execFile's error. */
async function prepare(peer: Peer, tools: Tools, folder: string): Promise<readonly string[]> {
  const source = fileURLToPath(new URL(`bench/peers/${peer.source}`, ROOT))
  const program = join(folder, peer.name.replaceAll(' ', '-'))
  switch (extname(source)) {
    case '.c':
      await run(tools.cc, ['-O2', '-pthread', '-o', program, source])
      return [program]
    case '.go':
      await run(tools.go, ['build', '-o', program, source], { GOCACHE: join(folder, 'cache') })
      return [program]
    default:
      return [await findPython(tools.python, peer.module!), ...PYTHON_FLAGS, source]
  }
}

/** No bytecode is left in this folder, and asyncore's farewell is not shown. */
const PYTHON_FLAGS = ['-B', '-W', 'ignore']

/** The first interpreter that can import `module`. */
async function findPython(interpreters: readonly string[], module: string): Promise<string> {
  const [first = '', ...others] = interpreters
  try {
    await run(first, ['-W', 'ignore', '-c', `import ${module}`])
    return first
  } catch (error) {
    if (others.length === 0) throw error
    return findPython(others, module)
  }
}

async function run(command: string, args: readonly string[], more = {}): Promise<void> {
  await promisify(execFile)(command, args, { env: { ...process.env, ...more } })
}

function toRow(peer: Peer, command: readonly string[]): Row {
  const { name, wait, flags = [], places, isParallel = false } = peer
  const speaks: readonly BenchProtocol[] = PROTOCOLS
  return {
    name,
    wait,
    io: 'libc',
    isParallel,
    start: ({ protocol }, cpus) => {
      const speak = peer.onlyBytes ? [] : ['--protocol', protocol]
      return launchProgram([...command, ...flags, ...speak], { cpus })
    },
    cannot: (load) => {
      if (peer.onlyBytes) return onlyBytes(load)
      if (!speaks.includes(load.protocol)) return `It does not speak ${load.protocol}.`
      return lacksPlaces(places, load)
    },
  }
}
