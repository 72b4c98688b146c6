import { expect, test } from 'vitest'
import { runProgram } from './command.ts'

test.runIf(process.platform === 'linux')(
  'the memory of each server: at the start, and of each connection where it can have so many',
  async () => {
    const args = ['--models', 'poll-loop,blocking-serial', '--connections', '20', '--rounds', '1']
    const { code, stdout } = await runProgram('bench/memory.ts', args)
    expect(code).toBe(0)
    const figure = String.raw`-?[\d.]+`
    expect(stdout).toMatch(new RegExp(`^plain node:net +node( +${figure}){4} +1.00$`, 'm'))
    expect(stdout).toMatch(new RegExp(`^poll-loop +libc poll( +${figure}){5}$`, 'm'))
    expect(stdout).toMatch(new RegExp(`^blocking-serial +libc +${figure}( +–){4}$`, 'm'))
    expect(stdout).toMatch(/^blocking-serial: It serves one client at a time/m)
  },
)
