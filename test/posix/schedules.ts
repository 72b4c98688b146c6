/**
 * Forced schedules: runs the real code of servers/posix/atomics as threads that pause before every
 * step on shared memory (each load, store, wait, notify), and lets a scheduler decide which of them
 * goes on. So every interleaving can be had, and again.
 *
 * The code is not written twice. `instrument` bundles the files and makes a generator of each
 * function in which there is, here or in what it calls, an `Atomics` operation: the operation becomes
 * a `yield`, the call a `yield*`. What happens between two of them is on data of one thread, or under
 * a lock.
 */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import ts from 'typescript'
import { ROOT } from '../../servers/boot/root.mjs'

/**
 * An operation of Atomics with its arguments; or a wait of an event loop, until there is an event
 * (it is told whether another thread can run); or a choice of the outside world, from 0 to below n.
 */
export type Step =
  | readonly [name: string, words: Int32Array, at: number, ...values: number[]]
  | readonly [name: 'until', isReady: (othersRun: boolean) => boolean]
  | readonly [name: 'choose', count: number]

export type Thread = Generator<Step, unknown, unknown>

/** Functions that are given to the code from outside, and pause. */
const GIVEN = ['#serve']

/** The exports of `entry`, whose functions are generators now. */
export function instrument<Exports>(
  entry: string,
  outside: Record<string, unknown>,
  change: (code: string) => string = (code) => code,
): Exports {
  const { outputFiles } = buildSync({
    stdin: { contents: entry, resolveDir: fileURLToPath(new URL('servers/posix/atomics', ROOT)) },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'esnext',
  })
  const code = toGenerators(change(outputFiles[0]!.text))
  const module = { exports: {} as Exports }
  const names = Object.keys(outside)
  new Function('module', 'require', ...names, code)(
    module,
    createRequire(import.meta.url),
    ...names.map((name) => outside[name]),
  )
  return module.exports
}

function toGenerators(code: string): string {
  const source = ts.createSourceFile('bundle.js', code, ts.ScriptTarget.Latest, true)
  const names = pausingNames(source)
  const { transformed } = ts.transform(source, [(context) => generators(context, names)])
  return ts.createPrinter().printFile(transformed[0]!)
}

function generators(context: ts.TransformationContext, names: ReadonlySet<string>) {
  const { factory } = context
  const star = factory.createToken(ts.SyntaxKind.AsteriskToken)
  function visit(node: ts.Node): ts.Node {
    const inner = ts.visitEachChild(node, visit, context)
    if (ts.isCallExpression(node) && ts.isCallExpression(inner)) return visitCall(node, inner)
    if (!ts.isFunctionLike(node) || !isPausing(node, names)) return inner
    if (ts.isFunctionDeclaration(inner)) {
      const { modifiers, name, parameters, body } = inner
      return factory.createFunctionDeclaration(
        modifiers,
        star,
        name,
        undefined,
        parameters,
        undefined,
        body,
      )
    }
    if (ts.isMethodDeclaration(inner)) {
      const { modifiers, name, parameters, body } = inner
      return factory.createMethodDeclaration(
        modifiers,
        star,
        name,
        undefined,
        undefined,
        parameters,
        undefined,
        body,
      )
    }
    if (ts.isArrowFunction(inner)) return bound(inner)
    throw new TypeError(`no generator can be made of: ${node.getText()}`)
  }
  function visitCall(node: ts.CallExpression, inner: ts.CallExpression): ts.Node {
    const name = operation(node)
    const step = name && [factory.createStringLiteral(name), ...inner.arguments]
    if (step) {
      const list = factory.createArrayLiteralExpression(step)
      return factory.createParenthesizedExpression(factory.createYieldExpression(undefined, list))
    }
    if (!names.has(calleeOf(node))) return inner
    return factory.createParenthesizedExpression(factory.createYieldExpression(star, inner))
  }
  /** There are no generators that are arrow functions: `this` is bound instead. */
  function bound({ parameters, body }: ts.ArrowFunction): ts.Node {
    const block = ts.isBlock(body)
      ? body
      : factory.createBlock([factory.createReturnStatement(body)])
    const generator = factory.createFunctionExpression(
      undefined,
      star,
      undefined,
      undefined,
      parameters,
      undefined,
      block,
    )
    const bind = factory.createPropertyAccessExpression(
      factory.createParenthesizedExpression(generator),
      'bind',
    )
    return factory.createCallExpression(bind, undefined, [factory.createThis()])
  }
  return (source: ts.SourceFile) => ts.visitEachChild(source, visit, context)
}

/** The names of all functions that pause: a function that calls one of them is another one. */
function pausingNames(source: ts.SourceFile): Set<string> {
  const names = new Set(GIVEN)
  for (let before = -1; before < names.size; ) {
    before = names.size
    eachNamed(source, (node, name) => {
      if (isPausing(node, names)) names.add(name)
    })
  }
  eachNamed(source, (node, name) => {
    // Calls are told apart by their names only.
    if (names.has(name) && !isPausing(node, names)) throw new TypeError(`two kinds of ${name}`)
  })
  return names
}

type Named = ts.FunctionDeclaration | ts.MethodDeclaration

function eachNamed(node: ts.Node, action: (node: Named, name: string) => void): void {
  const isNamed = ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)
  if (isNamed && node.name) action(node, node.name.getText())
  ts.forEachChild(node, (child) => eachNamed(child, action))
}

/** True if the function itself has such a step, and not only a function in it. */
function isPausing(node: ts.SignatureDeclaration, names: ReadonlySet<string>): boolean {
  const visit = (inner: ts.Node): boolean => {
    if (ts.isCallExpression(inner) && (operation(inner) || names.has(calleeOf(inner)))) return true
    return !ts.isFunctionLike(inner) && (ts.forEachChild(inner, visit) ?? false)
  }
  return ts.forEachChild(node, visit) ?? false
}

/** `load` for a call of Atomics.load. */
function operation({ expression }: ts.CallExpression): string | undefined {
  const isAtomics =
    ts.isPropertyAccessExpression(expression) && expression.expression.getText() === 'Atomics'
  return isAtomics ? expression.name.text : undefined
}

function calleeOf({ expression }: ts.CallExpression): string {
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText()
}

/** What a scheduler decides: which of `count` things comes next; the first one is to go on. */
export type Choose = (count: number) => number

/** More steps than any schedule needs that makes progress. */
const ENDLESS = 20_000

interface Running {
  readonly thread: Thread
  step: Step | undefined
  /** Where it sleeps in `Atomics.wait`. */
  asleep: number | undefined
  /** What its next step returns to it. */
  result: unknown
}

/** Runs the threads until none can go on. */
export function run(threads: readonly Thread[], choose: Choose): void {
  const all = threads.map((thread): Running => {
    return { thread, step: undefined, asleep: undefined, result: undefined }
  })
  for (const running of all) advance(running)
  let current = all[0]!
  for (let steps = 0; steps < ENDLESS; steps++) {
    const able = all.filter((running) => canRun(running, all))
    if (able.length === 0) return
    if (able.includes(current)) able.unshift(...able.splice(able.indexOf(current), 1))
    current = able[able.length === 1 ? 0 : choose(able.length)]!
    perform(current, all, choose)
  }
  throw new Error(`no end after ${ENDLESS} steps`)
}

function canRun(running: Running, all: readonly Running[]): boolean {
  if (!running.step || running.asleep !== undefined) return false
  if (running.step[0] !== 'until') return true
  const others = all.filter((other) => other !== running && other.step?.[0] !== 'until')
  const isReady = running.step[1] as (othersRun: boolean) => boolean
  return isReady(others.some((other) => canRun(other, all)))
}

/** Takes the step that the thread has paused before, and lets it run up to its next one. */
function perform(running: Running, all: readonly Running[], choose: Choose): void {
  const step = running.step!
  running.result = undefined
  if (step[0] === 'choose') running.result = choose(step[1] as number)
  else if (step[0] !== 'until') {
    const [name, words, at, ...values] = step as [string, Int32Array, number, ...number[]]
    const place = words.byteOffset + 4 * at
    if (name === 'wait') {
      if (words[at] === values[0]) running.asleep = place
    } else if (name === 'notify') wake(all, place, values[0])
    else running.result = OPERATIONS[name]!(words, at, ...values)
  }
  if (running.asleep === undefined) advance(running)
}

function wake(all: readonly Running[], place: number, count = all.length): void {
  for (const running of all.filter(({ asleep }) => asleep === place).slice(0, count)) {
    running.asleep = undefined
    advance(running)
  }
}

function advance(running: Running): void {
  const { done, value } = running.thread.next(running.result)
  running.step = done ? undefined : value
}

const OPERATIONS = Atomics as unknown as Record<
  string,
  (words: Int32Array, at: number, ...values: number[]) => number
>

/** Runs a thread alone, to its end. */
export function alone<Result>(thread: Generator<Step, Result, unknown>): Result {
  let result: unknown
  for (;;) {
    const { done, value } = thread.next(result)
    if (done) return value
    const [name, words, at, ...values] = value as [string, Int32Array, number, ...number[]]
    result = name === 'notify' ? 0 : OPERATIONS[name]!(words, at, ...values)
  }
}

/** All schedules with at most `most` choices other than to go on; returns how many there were. */
export function explore(most: number, attempt: (choose: Choose) => void): number {
  const choices: { taken: number; count: number }[] = []
  for (let runs = 1; ; runs++) {
    let place = 0
    attempt((count) => {
      const choice = choices[place] ?? { taken: 0, count }
      choices[place] = choice
      place += 1
      return choice.taken
    })
    choices.length = place
    if (!toNext(choices, most)) return runs
  }
}

/** The next sequence of choices in the order of a depth-first search. */
function toNext(choices: { taken: number; count: number }[], most: number): boolean {
  let others = choices.filter(({ taken }) => taken > 0).length
  for (let last = choices.at(-1); last; last = choices.at(-1)) {
    const more = last.taken > 0 || others < most
    if (more && last.taken + 1 < last.count) {
      last.taken += 1
      return true
    }
    if (last.taken > 0) others -= 1
    choices.pop()
  }
  return false
}

/** Chooses by chance, and often to go on; the same seed, the same choices. */
export function chance(seed: number): Choose {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const restless = next()
  return (count) => (next() < restless ? Math.floor(next() * count) : 0)
}
