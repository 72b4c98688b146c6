/**
 * The kernel thread. It runs on Node's event loop and serves two sides: calls of program threads,
 * which sleep until they are answered, and orders of the thread that started the kernel, which
 * doesn't wait.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { BlockPool } from './blocks.ts'
import { Caller, type Newcomer } from './caller.ts'
import { Calls } from './calls.ts'
import { HEADER } from './layout.ts'
import { CALLS, Fault, WORD } from './page.ts'
import { DescriptorTable } from './table.ts'
import { Watch } from './watch.ts'

export interface KernelData {
  /** See layout.ts. */
  readonly table: SharedArrayBuffer
}

export type Order =
  | ({ type: 'attach' } & Newcomer)
  | { type: 'shutdown'; fd: number; how: number }
  | { type: 'stop' }

const words = new Int32Array((workerData as KernelData).table)
const table = new DescriptorTable(words[HEADER.limit]!)
const watch = new Watch(words, (fd) => table.find(fd)?.serve())
const calls = new Calls(table, { table: words, pool: new BlockPool(), watch })
const callers = new Set<Caller>()

parentPort!.on('message', obey)

function obey(order: Order): void {
  if (order.type === 'attach') attach(order)
  else if (order.type === 'shutdown') shutdown(order.fd, order.how)
  else stop()
}

function attach(newcomer: Newcomer): void {
  const caller = new Caller(newcomer, attempt, { rung: () => watch.rung(), welcome: attach })
  callers.add(caller)
  // The thread has ended. Its descriptors stay open: they belong to the process.
  newcomer.port.on('close', () => callers.delete(caller))
}

/**
 * The edge of the kernel: a Fault becomes minus its errno here. Orders that wait in the queue of
 * their own port come first: a thread that has seen that it is closing time must find the listener
 * closed. To check that queue costs about 35 ns (Node 20) of the microseconds that a call takes.
 */
function attempt(caller: Caller): number | null {
  // A call is a ring at the door, too.
  watch.look()
  for (let waiting = next(); waiting; waiting = next()) obey(waiting.message)
  try {
    return calls[CALLS[caller.page.words[WORD.call]!]!](caller)
  } catch (error) {
    if (error instanceof Fault) return -error.errno
    throw error
  }
}

function next(): { message: Order } | undefined {
  return receiveMessageOnPort(parentPort!)
}

/** A Fault is ignored: no thread waits for the answer. */
function shutdown(fd: number, how: number): void {
  try {
    table.find(fd)?.shutdown(how)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
  }
}

/**
 * As at the end of a process: closes every socket, and what is in the send queues is still sent.
 * After that this thread has nothing left to wait for, and Node ends it.
 */
function stop(): void {
  watch.stop()
  for (const caller of callers) caller.stop()
  for (const socket of table.all()) socket.close()
  parentPort!.close()
}
