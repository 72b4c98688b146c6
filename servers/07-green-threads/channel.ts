/**
 * How do two greenlets hand over an item when no queue lies between them? The one that comes first
 * waits for the other.
 */
import { type Green, hub, Waiter } from './hub.ts'
import { Empty, Full } from './queue.ts'
import { type Patience, within } from './timeout.ts'
import { WaitingLine } from './waiting-line.ts'

/** An item on offer, and the wait of the greenlet that offers it. */
interface Offer<Item> {
  readonly item: Item
  readonly sender: Waiter<boolean>
}

/**
 * A queue without room: `put` waits until another greenlet takes the item, `get` until another
 * greenlet offers one. Modelled on gevent.queue.Channel.
 */
export class Channel<Item> {
  readonly #offers = new Set<Offer<Item>>()
  readonly #receivers = new WaitingLine(() => this.#offers.size > 0)

  /** The number of greenlets that wait to put, minus those that wait to get. */
  get balance(): number {
    return this.#offers.size - this.#receivers.length
  }

  /** A channel holds no item and has no room for one: it is empty and full at the same time. */
  qsize(): number {
    return 0
  }

  empty(): boolean {
    return true
  }

  full(): boolean {
    return true
  }

  /** Offers `item` and waits until it is taken. Throws Full if `timeout` has passed before. */
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

  /** Hands `item` to a greenlet that waits for one already. Throws Full if there is none. */
  putNowait(item: Item): void {
    if (this.balance >= 0) throw new Full('nobody waits for it')
    this.#offer({ item, sender: new Waiter<boolean>() })
  }

  /** Waits for an item. Throws Empty if none is offered within `timeout`. */
  *get(timeout?: Patience): Green<Item> {
    const mustWait = this.#offers.size === 0 || this.#receivers.length > 0
    if (mustWait && !(yield* this.#receivers.wait(timeout))) throw new Empty('no item yet')
    return this.#take()
  }

  /** Takes an item that is on offer, unless others wait for it. Throws Empty if there is none. */
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
