/**
 * Finds the peers (the servers of list.ts) that this machine can run, and compiles those in C and
 * Go. For each of the others a line says what to install: hardly any machine has everything.
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
import { lacksPlaces, onlyBytes, onlyHttp, type Row } from '../run/rows.ts'
import type { BenchProtocol } from '../workloads.ts'
import { PEERS, type Peer } from './list.ts'

/** The programs that run or compile peers. Of `python` the first that has the module is used. */
export interface Tools {
  readonly python: readonly string[]
  readonly cc: string
  readonly go: string
}

/** Debian's own Python comes first: only that one has the modules of Debian's packages. */
const TOOLS: Tools = { python: ['/usr/bin/python3', 'python3', 'python3.11'], cc: 'cc', go: 'go' }

/** Finds out which of `asked` this machine can run, and compiles those that are in C or Go. */
export async function findPeers(asked = PEERS, tools = TOOLS): Promise<Peers> {
  const folder = await mkdtemp(join(tmpdir(), 'echo-peers-'))
  const found = await Promise.all(asked.map((peer) => tryPrepare(peer, tools, folder)))
  const rows = found.filter((one) => typeof one !== 'string')
  const missing = found.filter((one) => typeof one === 'string')
  return new Peers(folder, rows, missing)
}

/** The peers that were found. Disposing of the object removes the compiled programs. */
export class Peers implements AsyncDisposable {
  readonly rows: readonly Row[]
  /** A line for each peer that was not found, with what to install. */
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

/** The error of execFile: ENOENT if there is no such program, else its exit code and its stderr. */
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

/** Returns the command that starts the peer, without its flags. Rejects with an ExecError. */
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

/** Write no bytecode into this folder; hide the warning that asyncore is deprecated. */
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
  const line = (protocol: string) => {
    const speak = peer.onlyBytes || peer.onlyHttp ? [] : ['--protocol', protocol]
    return [...command, ...flags, ...speak]
  }
  return {
    name,
    wait,
    io: 'libc',
    isParallel,
    command: line,
    start: ({ protocol }, cpus) => launchProgram(line(protocol), { cpus }),
    cannot: (load) => {
      if (peer.onlyBytes) return onlyBytes(load)
      if (peer.onlyHttp) return onlyHttp(load)
      if (!speaks.includes(load.protocol)) return `It does not speak ${load.protocol}.`
      return lacksPlaces(places, load)
    },
  }
}
