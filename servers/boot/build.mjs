/**
 * Makes JavaScript of the project's TypeScript, which Node 20 can't run. tsx can do that too; but it
 * must be started first in each process and thread, and that takes four times as long and 40 MiB
 * more than to start the JavaScript.
 *
 * All programs are built together, and kept under a name that is made of the names, times and sizes
 * of all source files. A start looks at these, which takes 5 ms, and builds (0.2 s) only if a file
 * has changed since.
 *
 * A model of the user's own is built with them, so that it uses the same modules as they do.
 *
 * This file is JavaScript itself, because it runs before any TypeScript can.
 */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ROOT } from './root.mjs'

/** The programs in pieces: each loads only what it uses, such as one model of all. */
const COMMANDS = [
  'servers/main.ts',
  'servers/applications/main.ts',
  'servers/host/worker.ts',
  'clients/main.ts',
  'bench/main.ts',
  'bench/matrix.ts',
  'bench/compare.ts',
  'bench/chat-storm.ts',
  'bench/guard.ts',
  'bench/memory.ts',
  'bench/report.ts',
  'bench/thread-cost.ts',
  'bench/run/http-load.ts',
  'docs/build/course-check.ts',
  'docs/build/grade.ts',
  'docs/build/grade-one.ts',
  'docs/build/learn.ts',
  'docs/build/main.ts',
  'docs/build/fill.ts',
  'docs/build/read.ts',
  'docs/build/scene.ts',
  'docs/build/scenes.ts',
]

/** The programs of threads and workers, each in one piece: one file loads faster than ten. */
const THREADS = [
  'servers/posix/atomics/kernel.ts',
  'servers/02-threads/bare.ts',
  'servers/02-threads/thread.ts',
  'servers/10-cluster/worker.ts',
]

/** The folders that their source files stand in. */
const SOURCES = ['servers', 'clients', 'bench', 'docs/build', 'docs/course']

/**
 * What Node must be told so that the stack of an error names the lines of the source. A connection
 * thread does without, since that makes its start a fifth faster.
 */
export const NODE_FLAGS = ['--enable-source-maps']

/** After this time, in milliseconds, no program that still runs needs what was built before. */
const DAY = 24 * 3600 * 1000

const path = (relative = '') => fileURLToPath(new URL(relative, ROOT))

/**
 * The command that starts a program, as an argument vector.
 *
 * @param {string} source the program's path from ROOT, such as `servers/main.ts`
 * @returns {string[]}
 */
export function commandOf(source) {
  return [process.execPath, ...NODE_FLAGS, path('servers/boot/boot.mjs'), source]
}

/**
 * The JavaScript of a program, which can be imported or started as a Worker or a process.
 *
 * @param {string} source the program's path from ROOT, such as `servers/main.ts`
 * @param {readonly string[]} own the paths of the user's models that it may load
 */
export function built(source, own = []) {
  if (![...COMMANDS, ...THREADS].includes(source))
    throw new TypeError(`${source} is no program: see build.mjs`)
  return pathToFileURL(join(folderWith(own), source.replace(/ts$/, 'mjs')))
}

/**
 * The JavaScript of a model of the user's own.
 *
 * @param {string} model its path, such as `./my/echo.ts`
 */
export function builtModel(model) {
  const file = path(model)
  return pathToFileURL(join(folderWith([file]), `${entryOf(file)}.mjs`))
}

/**
 * The models of the user's own among the words of a command, as absolute paths. Words that name no
 * file are left to the command, which can say more about them.
 *
 * @param {readonly string[]} words
 */
export function ownModels(words) {
  const names = words.filter((_, i) => words[i - 1] !== '--file').flatMap((word) => word.split(','))
  const isFile = (file) => fs.existsSync(file) && fs.statSync(file).isFile()
  return names
    .filter(isPath)
    .map((name) => resolve(name))
    .filter(isFile)
}

/** Whether a word is the path of a source file, and no name: `./my/echo.ts`. */
export function isPath(word) {
  return /^\.{0,2}\/.*\.[cm]?[jt]s$/.test(word)
}

/** @param {string} file a model's path @returns {string} the name of its program */
function entryOf(file) {
  return `own/${createHash('sha256').update(file).digest('hex').slice(0, 16)}`
}

/** The folder of all programs, with those of the user's models; they are built if need be. */
function folderWith(own) {
  const cache = openCache()
  const inUse = versionInUse()
  const needed = ['.', ...own.map((file) => `${entryOf(file)}.mjs`)]
  const isThere = (name) => fs.existsSync(join(cache, inUse, name))
  if (inUse && needed.every(isThere)) return join(cache, inUse)
  const version = versionOfSources(own)
  use(version)
  const folder = join(cache, version)
  if (!fs.existsSync(folder)) {
    removeOld(cache)
    build(folder, own)
  }
  return folder
}

/**
 * The threads and processes that a program starts run the version that it runs itself, also if a
 * file has changed meanwhile. They inherit its name with the environment.
 */
function versionInUse() {
  const [root, version] = process.env.ECHO_ARCHITECTURES_VERSION?.split(' ') ?? []
  return root === ROOT.href ? version : undefined
}

function use(version) {
  process.env.ECHO_ARCHITECTURES_VERSION = `${ROOT.href} ${version}`
}

/** Of the user's models, the files that stand beside them count too: they may import these. */
function versionOfSources(own) {
  const hash = createHash('sha256')
  const add = (folder, recursive) => {
    for (const name of fs.readdirSync(folder, { recursive, encoding: 'utf8' })) {
      if (!/\.[cm]?[jt]s$/.test(name)) continue
      const { mtimeMs, size } = fs.statSync(join(folder, name))
      hash.update(`${folder}/${name} ${mtimeMs} ${size}\n`)
    }
  }
  for (const folder of SOURCES) add(path(folder), true)
  for (const file of own) {
    hash.update(`${file}\n`)
    add(dirname(file), false)
  }
  return hash.digest('hex').slice(0, 16)
}

/** In node_modules; for a user who may not write there, in the folder for temporary files. */
function openCache() {
  const preferred = path('node_modules/.cache/echo-architectures')
  try {
    fs.mkdirSync(preferred, { recursive: true })
    fs.accessSync(preferred, fs.constants.W_OK)
    return preferred
  } catch {
    return openTemporaryCache()
  }
}

/** Programs look for packages in the folders above their own: hence the link to node_modules. */
function openTemporaryCache() {
  const user = process.getuid?.() ?? 0
  const folder = join(tmpdir(), `echo-architectures-${user}`)
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  // Whoever else made this folder could put a program of his own in it.
  if (process.getuid && fs.lstatSync(folder).uid !== user) {
    throw new Error(`${folder} belongs to another user`)
  }
  const project = createHash('sha256').update(path()).digest('hex').slice(0, 16)
  const cache = join(folder, project)
  fs.mkdirSync(cache, { recursive: true })
  const link = join(cache, 'node_modules')
  if (!fs.existsSync(link)) fs.symlinkSync(path('node_modules'), link)
  return cache
}

/**
 * @param {string} folder does not exist yet; it does, with everything in it, afterwards
 * @param {readonly string[]} own the paths of the user's models
 */
function build(folder, own) {
  // Loaded here and not above: that takes longer than all the rest of a start.
  const { buildSync } = createRequire(import.meta.url)('esbuild')
  const unfinished = fs.mkdtempSync(`${folder}-`)
  const options = {
    absWorkingDir: path(),
    outdir: unfinished,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'linked',
    sourcesContent: false,
    // The two files of this folder find the project where they stand as sources.
    define: { 'import.meta.url': JSON.stringify(new URL('servers/boot/root.mjs', ROOT).href) },
    logLevel: 'error',
  }
  const programs = (sources) => sources.map((file) => ({ in: file, out: file.slice(0, -3) }))
  const models = own.map((file) => ({ in: file, out: entryOf(file) }))
  const entryPoints = [...programs(COMMANDS), ...models]
  buildSync({ ...options, entryPoints, splitting: true })
  buildSync({ ...options, entryPoints: programs(THREADS) })
  try {
    fs.renameSync(unfinished, folder)
  } catch {
    // Another process has built the same meanwhile.
    fs.rmSync(unfinished, { recursive: true })
  }
}

function removeOld(cache) {
  for (const entry of fs.readdirSync(cache, { withFileTypes: true })) {
    const folder = join(cache, entry.name)
    const isOld = entry.isDirectory() && fs.statSync(folder).mtimeMs < Date.now() - DAY
    if (isOld) fs.rmSync(folder, { recursive: true, force: true })
  }
}
