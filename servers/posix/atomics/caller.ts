/**
 * A program's thread, as the kernel sees it: in a call that can be answered at once, or asleep in
 * one that can't. Who sleeps is woken when something has changed, and its call is tried again from
 * the start, just as in a real kernel: the wait loop around every condition there is this one.
 */
import type { MessagePort } from 'node:worker_threads'
import { CallPage, STATE, WORD } from './page.ts'
import type { Socket } from './socket.ts'

const { idle, called, stopped } = STATE

/** A further thread of the program, with the kernel's end of what it makes its calls through. */
export interface Newcomer {
  readonly page: SharedArrayBuffer
  readonly port: MessagePort
}

/** Tries the caller's call: returns its result, or null if the caller has been put to sleep. */
export type Attempt = (caller: Caller) => number | null

/** The longest time that a timer of Node can wait, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1

/** Woken, and tried again once the host's events of this round of the loop have all come in. */
const woken = new Set<Caller>()

export class Caller {
  readonly page: CallPage
  /** What the call is about, so that a descriptor reused meanwhile doesn't lead elsewhere. */
  socket: Socket | undefined
  /** The call has slept before. */
  again = false
  readonly #port: MessagePort
  readonly #attempt: Attempt
  #asleep = false
  #timer: NodeJS.Timeout | undefined

  constructor({ page, port }: Newcomer, attempt: Attempt, welcome: (newcomer: Newcomer) => void) {
    this.page = new CallPage(page)
    this.#port = port
    this.#attempt = attempt
    // What a call is stands in the page; a message has contents only if it brings a thread along.
    port.on('message', (newcomer: Newcomer | null) => {
      if (newcomer) welcome(newcomer)
      else this.#try()
    })
  }

  /**
   * What a call returns that has to wait: it sleeps on `socket` for `patience` milliseconds (-1:
   * for ever), after which the answer is `late`.
   */
  sleep(patience: number, late: number, socket?: Socket): number | null {
    if (patience === 0) return late
    socket?.waiters.add(this)
    if (patience > 0 && !this.#timer) this.#startTimer(performance.now() + patience, late)
    return null
  }

  wake(): void {
    if (woken.size === 0) setImmediate(tryWoken)
    woken.add(this)
  }

  /**
   * Tries the call of a caller that sleeps once more. One that doesn't was woken by more than one
   * thing.
   */
  tryAgain(): void {
    if (!this.#asleep) return
    this.again = true
    this.#try()
  }

  // #region wakeUp
  /** The wake-up: gives the turn back to the program. */
  answer(result: number): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#asleep = false
    this.again = false
    this.socket = undefined
    this.page.words[WORD.result] = result
    Atomics.compareExchange(this.page.words, WORD.state, called, idle)
    Atomics.notify(this.page.words, WORD.state)
  }
  // #endregion wakeUp

  /** From now on no call is answered. */
  stop(): void {
    clearTimeout(this.#timer)
    Atomics.store(this.page.words, WORD.state, stopped)
    Atomics.notify(this.page.words, WORD.state)
    this.#port.close()
  }

  /** Node's clock counts whole milliseconds and may fire early, and no time may be cut short. */
  #startTimer(deadline: number, late: number): void {
    const left = Math.min(Math.ceil(deadline - performance.now()), MAX_TIMER)
    this.#timer = setTimeout(() => {
      if (performance.now() < deadline) this.#startTimer(deadline, late)
      else this.answer(late)
    }, left)
  }

  #try(): void {
    const result = this.#attempt(this)
    if (result === null) this.#asleep = true
    else this.answer(result)
  }
}

function tryWoken(): void {
  const callers = [...woken]
  woken.clear()
  for (const caller of callers) caller.tryAgain()
}
