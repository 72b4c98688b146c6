/**
 * Promise 9: what a server says when it can't start. These are facts of the machine, so that they
 * are tested once for each piece of code that listens, and not for every way to wait.
 */
import { describe, expect, test } from 'vitest'
import { type Exit, LaunchError, launch } from '../../clients/launcher.ts'
import { IS_LINUX } from './variant.ts'

const LISTENING = [
  ['poll-loop', '--io', 'libc'],
  ['poll-loop', '--io', 'atomics'],
  ['asyncore', '--io', 'libc'],
  ['reactor', '--reactor', 'poll'],
  ['reactor', '--reactor', 'node'],
  ['green-threads'],
  ['callbacks'],
  ['async-await'],
  ['cluster'],
].filter((args) => IS_LINUX || args.includes('atomics') || !args.includes('--io'))

/** How a server ended that could not start. */
async function failure(model: string, flags: readonly string[]): Promise<Exit> {
  const error = await launch(model, flags).then(
    () => undefined,
    (reason) => reason,
  )
  if (!(error instanceof LaunchError)) throw new Error('it should not have started')
  return error.exit
}

describe.each(LISTENING)('%s %s %s', (model, ...flags) => {
  test('a port in use is one clear line', async () => {
    await using server = await launch(model!, flags)
    const port = String(server.address.port)
    const exit = await failure(model!, [...flags, '--port', port])
    expect(exit).toMatchObject({ code: 1 })
    expect(exit.stderr).toBe(
      `error: 127.0.0.1:${port} is in use by another server; choose another --port (0: any free one)\n`,
    )
  })

  test('an address of another machine is one clear line', async () => {
    // From the range that RFC 5737 keeps for examples.
    const exit = await failure(model!, [...flags, '--host', '192.0.2.1'])
    expect(exit).toMatchObject({ code: 1 })
    expect(exit.stderr).toMatch(/^error: 192\.0\.2\.1:0: no interface of this machine has .*\n$/)
  })

  test('a link-local address without its interface is one clear line', async () => {
    // RFC 4007, 6: without the zone, such an address says nothing about where it is.
    const exit = await failure(model!, [...flags, '--host', 'fe80::1'])
    expect(exit).toMatchObject({ code: 1 })
    expect(exit.stderr).toMatch(/^error: \[fe80::1\]:0: this address needs its interface.*\n$/)
  })
})

test('an interface that does not exist is one clear line', async () => {
  const exit = await failure('poll-loop', ['--host', 'fe80::1%nowhere'])
  expect(exit).toMatchObject({ code: 1 })
  expect(exit.stderr).toBe('error: fe80::1%nowhere has no address: check --host\n')
})
