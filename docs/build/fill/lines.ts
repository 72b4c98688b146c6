/** What a model costs in lines of code, without blank lines and comments. */
import { readdirSync, readFileSync } from 'node:fs'
import { linesOfCode } from '../../../bench/figures/lines-of-code.ts'
import { ROOT } from '../../../servers/boot/root.mjs'
import { findModel } from '../../../servers/models.ts'

export interface Lines {
  /** Of the architecture in its smallest form. */
  readonly bare: number
  /** Of what its user writes to keep the promises. */
  readonly echo: number
  /** Of all files of its folder but bare.ts: the framework, and what keeps the promises. */
  readonly folder: number
}

/** Undefined if there is no such model. What a model uses of other rooms is not counted. */
export function linesOf(model: string): Lines | undefined {
  const folder = findModel(model)?.folder
  if (folder === undefined) return undefined
  const room = new URL(`servers/${folder}/`, ROOT)
  const count = (name: string) => linesOfCode(readFileSync(new URL(name, room), 'utf8'))
  const others = readdirSync(room).filter((name) => name.endsWith('.ts') && name !== 'bare.ts')
  const sum = others.reduce((lines, name) => lines + count(name), 0)
  return { bare: count('bare.ts'), echo: count('echo.ts'), folder: sum }
}
