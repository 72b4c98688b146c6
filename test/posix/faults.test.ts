/** What each call refuses, and with which errno: the ERRORS sections of the man pages. */
import { closeSync, openSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  type Address,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  type Posix,
  SHUT_RDWR,
  SystemError,
} from '../../servers/posix/api.ts'
import { listenTcp } from '../../servers/posix/listen.ts'
import { codeOf, describeBackends, type Layer, LOCALHOST, LOCALHOST6 } from './layer.ts'

const SOMEWHERE: Address = { ...LOCALHOST, port: 9 }

/** Every call on a descriptor. */
const CALLS: Record<string, (posix: Posix, fd: number) => unknown> = {
  setsockopt: (posix, fd) => posix.setsockopt(fd, 'TCP_NODELAY', 1),
  bind: (posix, fd) => posix.bind(fd, LOCALHOST),
  listen: (posix, fd) => posix.listen(fd, 8),
  accept: (posix, fd) => posix.accept(fd, 'nonblocking'),
  connect: (posix, fd) => posix.connect(fd, SOMEWHERE),
  recv: (posix, fd) => posix.recv(fd, new Uint8Array(8)),
  send: (posix, fd) => posix.send(fd, new Uint8Array(8)),
  shutdown: (posix, fd) => posix.shutdown(fd, SHUT_RDWR),
  close: (posix, fd) => posix.close(fd),
  getsockname: (posix, fd) => posix.getsockname(fd),
  getpeername: (posix, fd) => posix.getpeername(fd),
  socketError: (posix, fd) => posix.socketError(fd),
}

/** Which calls each kind of socket refuses. */
const REFUSED: Record<string, { make: (layer: Layer) => number; calls: Record<string, string> }> = {
  'a fresh socket': {
    make: (layer) => layer.socket(),
    calls: {
      accept: 'EINVAL',
      recv: 'ENOTCONN',
      send: 'EPIPE',
      shutdown: 'ENOTCONN',
      getpeername: 'ENOTCONN',
    },
  },
  'a bound socket': {
    make: (layer) => {
      const fd = layer.socket()
      layer.posix.bind(fd, LOCALHOST)
      return fd
    },
    calls: { bind: 'EINVAL', accept: 'EINVAL', recv: 'ENOTCONN' },
  },
  'a listener': {
    make: (layer) => layer.listener().fd,
    calls: {
      bind: 'EINVAL',
      connect: 'EISCONN',
      recv: 'ENOTCONN',
      send: 'EPIPE',
      getpeername: 'ENOTCONN',
    },
  },
  'a connection': {
    // Blocking: after a connect in the background, the next connect may still report its end.
    make: (layer) => layer.pair('blocking')[0],
    calls: { bind: 'EINVAL', listen: 'EINVAL', accept: 'EINVAL', connect: 'EISCONN' },
  },
}

describeBackends('faults:', (layer) => {
  test.each(Object.keys(CALLS))('%s fails with EBADF if the descriptor is not open', (name) => {
    const closed = layer.socket()
    layer.close(closed)
    for (const fd of [closed, 999_999, -1]) {
      expect(codeOf(() => CALLS[name]!(layer.posix, fd))).toBe('EBADF')
    }
  })

  test.each(Object.entries(REFUSED))('%s refuses calls', (_, { make, calls }) => {
    const fd = make(layer)
    const codes = Object.keys(calls).map((name) => [
      name,
      codeOf(() => CALLS[name]!(layer.posix, fd)),
    ])
    expect(Object.fromEntries(codes)).toEqual(calls)
  })

  test.skipIf(layer.backend === 'atomics')(
    'calls on a file fail with ENOTSOCK (atomics: only sockets have descriptors)',
    () => {
      const fd = openSync(import.meta.filename, 'r')
      for (const [name, call] of Object.entries(CALLS)) {
        if (name !== 'close')
          expect(
            codeOf(() => call(layer.posix, fd)),
            name,
          ).toBe('ENOTSOCK')
      }
      closeSync(fd)
    },
  )

  test('the error says which call failed, and how', () => {
    const error = new SystemError('recv', 9)
    expect(() => layer.posix.recv(999_999, new Uint8Array(1))).toThrow(error)
    expect(error).toMatchObject({ call: 'recv', errno: 9, code: 'EBADF' })
  })

  test('bind refuses a port out of range, a name, and an address of the wrong family', () => {
    const fd = layer.socket()
    for (const port of [-1, 65536, 1.5, Number.NaN]) {
      expect(() => layer.posix.bind(fd, { ...LOCALHOST, port })).toThrow(RangeError)
    }
    expect(() => layer.posix.bind(fd, { ...LOCALHOST, address: 'localhost' })).toThrow(TypeError)
    expect(['EAFNOSUPPORT', 'EINVAL']).toContain(codeOf(() => layer.posix.bind(fd, LOCALHOST6)))
  })

  test('bind or listen refuses an address in use, or one of another machine', () => {
    function bindAndListen(address: Address): void {
      const fd = layer.socket()
      layer.posix.bind(fd, address)
      layer.posix.listen(fd, 8)
    }
    const taken = layer.listener().address
    expect(codeOf(() => bindAndListen(taken))).toBe('EADDRINUSE')
    // Reserved for documentation: RFC 5737.
    const foreign = { ...LOCALHOST, address: '192.0.2.1' }
    expect(codeOf(() => bindAndListen(foreign))).toBe('EADDRNOTAVAIL')
  })

  test('a port is free again once its listener is closed', () => {
    const { fd, address } = layer.listener()
    layer.close(fd)
    layer.keep(listenTcp(layer.posix, { address, backlog: 8 }, 'nonblocking'))
  })

  test('connect to a closed port is ECONNREFUSED, at once or by POLLERR and SO_ERROR', () => {
    const { fd, address } = layer.listener()
    layer.close(fd)
    const blocking = layer.socket('blocking')
    expect(codeOf(() => layer.posix.connect(blocking, address))).toBe('ECONNREFUSED')
    const waiting = layer.socket('nonblocking')
    expect(layer.posix.connect(waiting, address)).toBe(false)
    expect(layer.waitFor(waiting, POLLOUT) & (POLLERR | POLLHUP)).toBe(POLLERR | POLLHUP)
    expect(new SystemError('connect', layer.posix.socketError(waiting)).code).toBe('ECONNREFUSED')
    expect(layer.posix.socketError(waiting), 'told once').toBe(0)
  })

  test('recv into an empty buffer is refused, and a poll set that is too short', () => {
    const [client] = layer.pair()
    expect(() => layer.posix.recv(client, new Uint8Array(0))).toThrow(RangeError)
    expect(() => layer.posix.poll(new Int32Array(2), 2, 0)).toThrow(RangeError)
  })

  test('poll reports POLLNVAL if a descriptor is not open, and skips a negative one', () => {
    expect(layer.poll(999_999, POLLIN)).toBe(POLLNVAL)
    expect(layer.poll(-1, POLLIN)).toBe(0)
  })

  test.skipIf(process.platform !== 'linux')('1000 failed binds leak no descriptor', () => {
    const taken = layer.listener().address
    const count = () => readdirSync('/proc/self/fd').length
    const before = count()
    for (let i = 0; i < 1000; i++) {
      const listen = () => listenTcp(layer.posix, { address: taken, backlog: 8 }, 'nonblocking')
      expect(codeOf(listen)).toBe('EADDRINUSE')
    }
    expect(count()).toBe(before)
  })
})
