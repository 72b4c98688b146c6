/**
 * A program thread, as the kernel sees it: in a call that can be answered at once, or asleep in one
 * that can't. When something has changed, a sleeping thread's call is tried again from its start. A
 * real kernel does the same: it waits for a condition in a loop that checks after every wake-up.
 */
import type { MessagePort } from 'node:worker_threads'
import { CallPage, MESSAGE, STATE, WORD } from './page.ts'
import type { Socket } from './socket.ts'

const { idle, called, stopped } = STATE

/** A new program thread: the page that it shares, and the kernel's end of its message channel. */
export interface Newcomer {
  readonly page: SharedArrayBuffer
  readonly port: MessagePort
}

/** Tries the caller's call: returns its result, or null if the caller has been put to sleep. */
export type Attempt = (caller: Caller) => number | null

/** What the kernel hears from a program thread besides its calls. */
export interface Ears {
  /** There are marks: see doorbell.ts. */
  rung(): void
  /** The thread has started another one. */
  welcome(newcomer: Newcomer): void
}

/** The longest time that a timer of Node can wait, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1

/** Callers to try again once all events of this round of Node's event loop have come in. */
const woken = new Set<Caller>()

export class Caller {
  readonly page: CallPage
  /** What the call is about, kept while it sleeps: the descriptor may be reused meanwhile. */
  socket: Socket | undefined
  /** True if the call has slept before. */
  again = false
  readonly #port: MessagePort
  readonly #attempt: Attempt
  #asleep = false
  /** How many slabs of memory the thread knows. */
  #told = 0
  #timer: NodeJS.Timeout | undefined

  constructor({ page, port }: Newcomer, attempt: Attempt, kernel: Ears) {
    this.page = new CallPage(page)
    this.#port = port
    this.#attempt = attempt
    // The call itself is in the page, and what the bell is about in the table.
    port.on('message', (message: Newcomer | number) => {
      if (message === MESSAGE.call) this.#try()
      else if (typeof message === 'number') kernel.rung()
      else kernel.welcome(message)
    })
  }

  /** Tells the program thread of the slabs that are new to it; it waits for the answer to a call. */
  tell(slabs: readonly SharedArrayBuffer[]): void {
    for (; this.#told < slabs.length; this.#told++) this.#port.postMessage(slabs[this.#told])
  }

  /**
   * Lets a call wait on `socket` for `patience` milliseconds (-1: for ever), after which its answer
   * is `late`. The call must return the result: null, or `late` if it has no time to wait.
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

  /** Tries the call again if the caller still sleeps: another event may have answered it. */
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

  /** Wakes the caller for good: no call is answered from now on. */
  stop(): void {
    clearTimeout(this.#timer)
    Atomics.store(this.page.words, WORD.state, stopped)
    Atomics.notify(this.page.words, WORD.state)
    this.#port.close()
  }

  /** Node's timers count whole milliseconds and may fire early, but no wait may be cut short. */
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
