/**
 * Real signals for the thread that calls `interruptEvery`: a call in which it waits returns EINTR,
 * signal(7), as it would in a program that uses signals itself. Linux, with glibc or musl.
 */
import koffi from 'koffi'
import { check } from './libc.ts'

const library = koffi.load(null)
const c = {
  dlsym: library.func('void *dlsym(void *handle, const char *name)'),
  signal: library.func('void *signal(int number, void *handler)'),
  siginterrupt: library.func('int siginterrupt(int number, int flag)'),
  syscall: library.func('long syscall(long number)'),
  timer_create: library.func('int timer_create(int clock, void *event, void *id)'),
  timer_settime: library.func('int timer_settime(void *id, int flags, void *time, void *old)'),
}

/** A real-time signal that neither the C library nor Node uses. */
const SIGNAL = 50
const CLOCK_MONOTONIC = 1
const SIGEV_THREAD_ID = 4
const SYS_GETTID: Partial<Record<NodeJS.Architecture, number>> = { x64: 186, arm64: 178 }

/** Throws a RangeError where the number of gettid(2) is not known. */
export function interruptEvery(milliseconds: number): void {
  const gettid = SYS_GETTID[process.arch]
  if (gettid === undefined) throw new RangeError(`no signals on ${process.arch}`)
  // A handler must not run JavaScript. Any function of the C library that takes a number and does
  // nothing else will do.
  c.signal(SIGNAL, c.dlsym(null, 'abs'))
  // Otherwise recv, send and accept would be restarted, and only poll interrupted.
  check('siginterrupt', c.siginterrupt(SIGNAL, 1))
  // struct sigevent: the value (8 bytes), the signal, how it is sent, and to which thread.
  const event = new Int32Array(16)
  event.set([SIGNAL, SIGEV_THREAD_ID, Number(c.syscall(gettid))], 2)
  const id = new BigUint64Array(1)
  check('timer_create', c.timer_create(CLOCK_MONOTONIC, event, id))
  // struct itimerspec: the interval and the first time, each in seconds and nanoseconds.
  const nanoseconds = BigInt(milliseconds) * 1_000_000n
  const time = new BigInt64Array([0n, nanoseconds, 0n, nanoseconds])
  check('timer_settime', c.timer_settime(id[0], 0, time, null))
}
