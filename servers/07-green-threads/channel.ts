import { type Green, hub, Waiter } from './hub.ts'
import { Empty, Full } from './queue.ts'
import { type Patience, within } from './timeout.ts'
import { WaitingLine } from './waiting-line.ts'

/** An item on offer, and who waits for it to be taken. */
interface Offer<Item> {
  readonly item: Item
  readonly sender: Waiter<boolean>
}

/**
 * A queue without room: `put` waits until somebody takes the item, `get` until somebody offers one.
 * After gevent.queue.Channel.
 */
export class Channel<Item> {
  readonly #offers = new Set<Offer<Item>>()
  readonly #receivers = new WaitingLine(() => this.#offers.size > 0)

  /** Those who wait to put, minus those who wait to get. */
  get balance(): number {
    return this.#offers.size - this.#receivers.length
  }

  /** It holds no item, has none to give without somebody who puts it, and no room for one. */
  qsize(): number {
    return 0
  }

  empty(): boolean {
    return true
  }

  full(): boolean {
    return true
  }

  /** Offers `item` and waits until it is taken. Throws Full if it is not in `timeout`. */
  *put(item: Item, timeout?: Patience): Green<void> {
    const offer = { item, sender: new Waiter<boolean>() }
    this.#offer(offer)
    const isTaken = () => !this.#offers.has(offer)
    try {
      const taken = yield* within(timeout, () => offer.sender.get(), isTaken)
      if (!taken) throw new Full('nobody has taken it yet')
    } finally {
      this.#offers.delete(offer)
    }
  }

  /** Leaves `item` for one who waits for it already. Throws Full if nobody does. */
  putNowait(item: Item): void {
    if (this.balance >= 0) throw new Full('nobody waits for it')
    this.#offer({ item, sender: new Waiter<boolean>() })
  }

  /** Waits for an item. Throws Empty if none is offered in `timeout`. */
  *get(timeout?: Patience): Green<Item> {
    const mustWait = this.#offers.size === 0 || this.#receivers.length > 0
    if (mustWait && !(yield* this.#receivers.wait(timeout))) throw new Empty('no item yet')
    return this.#take()
  }

  /** Takes an item that is on offer for nobody else. Throws Empty if there is none. */
  getNowait(): Item {
    if (this.#offers.size === 0 || this.#receivers.length > 0) throw new Empty('no item')
    return this.#take()
  }

  #offer(offer: Offer<Item>): void {
    this.#offers.add(offer)
    this.#receivers.serve()
  }

  #take(): Item {
    const [offer] = this.#offers as Iterable<Offer<Item>>
    this.#offers.delete(offer!)
    hub.runCallback(() => offer!.sender.switch(true))
    return offer!.item
  }
}
