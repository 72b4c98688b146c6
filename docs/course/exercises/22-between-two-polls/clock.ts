/** The time of the hub, which passes only when a case says so: a sleep takes none, nor a timeout. */
import { hub } from '../../../../servers/07-green-threads/gevent.ts'

interface Timer {
  readonly time: number
  readonly callback: () => void
}

export class Clock implements Disposable {
  readonly #realAfter = hub.after
  readonly #timers = new Set<Timer>()
  #now = 0

  constructor() {
    hub.after = (seconds, callback) => {
      const timer = { time: this.#now + seconds, callback }
      this.#timers.add(timer)
      return { cancel: () => this.#timers.delete(timer) }
    }
  }

  /** Lets this time pass, in seconds. In the next turn the hub calls what is due. */
  pass(seconds: number): void {
    hub.runCallback(() => {
      this.#now += seconds
      const due = [...this.#timers].filter(({ time }) => time <= this.#now)
      for (const timer of due.sort((a, b) => a.time - b.time)) {
        if (this.#timers.delete(timer)) timer.callback()
      }
    })
  }

  [Symbol.dispose](): void {
    hub.after = this.#realAfter
  }
}
