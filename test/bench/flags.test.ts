/** What the flags of `npm run bench` ask for. */
import { expect, test } from 'vitest'
import { benchCommand, type Flags, workloadsOf } from '../../bench/flags.ts'

async function parse(...args: string[]): Promise<Flags> {
  let parsed: Flags | undefined
  const command = benchCommand(async (flags) => {
    parsed = flags
  })
  await command.parseAsync(['node', 'bench', ...args])
  return parsed!
}

test('a number of connections that is said twice is one load', async () => {
  const [custom] = workloadsOf(await parse('--connections', '3,1,3'))
  expect(custom!.loads.map(({ connections }) => connections)).toEqual([3, 1])
})

test('a workload, model or io that is said twice is one', async () => {
  const flags = await parse('--workloads', 'ping,ping', '--models', 'threads,threads')
  expect(workloadsOf(flags).map(({ id }) => id)).toEqual(['ping'])
  expect(flags.models).toEqual(['threads'])
})
