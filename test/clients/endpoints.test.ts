/** How the client commands take a server's address, and how they show it. */
import { expect, test } from 'vitest'
import { echo, runClient, startServer } from './support.ts'

test.each([
  [['talk']],
  [['burst', '--clients', 1, '--messages', 1, '--pause', 0]],
  [['load', '--connections', 1, '--duration', 0.1]],
])('an IPv6 address is shown in brackets: %j', async (command) => {
  await using server = await startServer(echo('previous'), '::1')
  const { code, stdout, stderr } = await runClient([
    ...command,
    ...['--host', '::1', '--port', server.port],
  ])
  expect(code).toBe(0)
  expect(stdout + stderr).toContain(`[::1]:${server.port}`)
  expect(stdout + stderr).not.toContain(` ::1:${server.port}`)
})

test.each(['talk', 'lines', 'burst', 'load'])('%s: an empty host', async (name) => {
  const { code, stderr, stdout } = await runClient([name, '--host', ''])
  expect(stderr).toMatch(/^error: option '--host <address>' argument '' is invalid[^\n]+\n$/)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
})
