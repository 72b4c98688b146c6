/** The source files that have a page of their own. */
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { ROOT } from '../../servers/boot/root.mjs'

/** The languages that code here is written in. */
export const LANGS = ['ts', 'js', 'sh', 'c', 'python', 'go', 'json', 'css'] as const
export type Lang = (typeof LANGS)[number] | 'text'

const FOLDERS = ['bench', 'clients', 'docs/examples', 'servers']
/** Made by programs, and not in the repository. */
const LEFT_OUT = ['bench/results', 'bench/peers/build']

const LANGUAGES: Readonly<Record<string, Lang>> = {
  '.ts': 'ts',
  '.mjs': 'js',
  '.py': 'python',
  '.c': 'c',
  '.h': 'c',
  '.go': 'go',
  '.css': 'css',
  '.out': 'text',
}

/** Their paths from ROOT, in the order of a listing. */
export const SOURCES: readonly string[] = [...FOLDERS.flatMap(filesIn), 'LICENSE']

const known: ReadonlySet<string> = new Set(SOURCES)
const folders: ReadonlySet<string> = new Set(SOURCES.flatMap(foldersAbove))

export function isSource(path: string): boolean {
  return known.has(path)
}

/** Whether it is a folder with sources in it. */
export function isFolder(path: string): boolean {
  return folders.has(path)
}

/** What stands in a folder: its own folders, then its files, as paths from ROOT. */
export function listing(folder: string): { folders: string[]; files: string[] } {
  const isIn = (path: string) => posix.dirname(path) === folder
  return { folders: [...folders].filter(isIn).toSorted(), files: SOURCES.filter(isIn) }
}

export function allFolders(): string[] {
  return [...folders]
}

export function languageOf(source: string): Lang {
  return LANGUAGES[posix.extname(source)] ?? 'text'
}

const texts = new Map<string, string>()

/** The text of a source file. No file changes while the site is built, so each is read once. */
export function textOf(source: string): string {
  const text = texts.get(source) ?? readFileSync(new URL(source, ROOT), 'utf8')
  texts.set(source, text)
  return text
}

/**
 * The first sentence of the comment that a file opens with, or else of its first doc comment; empty
 * if it has none. The line that names a program for the shell doesn't count.
 */
export function firstSentence(text: string): string {
  const code = text.replace(/^#!.*\n/, '').trimStart()
  const [comment = ''] = OPENING.exec(code) ?? /\/\*\*[\s\S]*?\*\//.exec(code) ?? []
  const words = comment
    .replace(/^(\/\*\*?|"""|\/\/|#)|(\*\/|""")$/g, '')
    .replace(/\n *(\*|\/\/|#)?/g, ' ')
    .replace(/ +/g, ' ')
    .trim()
  return /^.*?[.?](?= |$)/.exec(words)?.[0] ?? words
}

const OPENING = /^(\/\*[\s\S]*?\*\/|"""[\s\S]*?"""|(?:(?:\/\/|#).*\n)+)/

function filesIn(folder: string): string[] {
  const names = readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
  return names
    .map((name) => posix.join(folder, name))
    .filter((path) => posix.extname(path) in LANGUAGES)
    .filter((path) => !LEFT_OUT.some((left) => path.startsWith(`${left}/`)))
    .toSorted()
}

/** `servers/posix/api.ts` -> `servers/posix`, `servers`, `.` */
function foldersAbove(path: string): string[] {
  const folder = posix.dirname(path)
  return folder === '.' ? ['.'] : [folder, ...foldersAbove(folder)]
}
