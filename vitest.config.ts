import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The contract's files take longest and are shortest: Vitest alone would begin them last. */
class ContractFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => (moduleId.includes('/contract/') ? 0 : 1)
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}

/** Tests that start servers, commands and browsers, and take minutes in all. */
const SERVERS = [
  'test/{applications,contract,clients,examples}/**/*.test.ts',
  'test/{own-model,serve,serve-end,threads,tls,tls-faults,cluster}.test.ts',
  'test/bench/{bench,sabotage,unwritable}.test.ts',
  'test/scenes/{replay-*,trace}.test.ts',
  'test/docs/{site,side-by-side-browser,read}.test.ts',
]
/** Small files that leave nothing behind: all of them share a few processes. */
const SMALL = ['test/{bench,protocol}/**/*.test.ts']

/** Their wrong servers spin: they run when no other test does, whose time limits they would break. */
const COURSE = ['test/course/**/*.test.ts']

function project(name: string, include: string[], exclude: string[] = [], isolate = true) {
  return { extends: true, test: { name, include, exclude, isolate } } as const
}

export default defineConfig({
  test: {
    projects: [
      project('servers', SERVERS),
      project('small', SMALL, SERVERS, false),
      project('layers', ['test/**/*.test.ts'], [...SERVERS, ...SMALL, ...COURSE]),
      { extends: true, test: { name: 'course', include: COURSE, sequence: { groupOrder: 1 } } },
    ],
    // Processes, not threads: tests block in Atomics.wait and in system calls.
    pool: 'forks',
    // The work is done by the servers under test; a file of tests mostly waits for one.
    maxWorkers: 4,
    sequence: { sequencer: ContractFirst },
    // A server that hangs is a failure to be seen, not waited for.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Four files share two cores, and a limit of time may pass because of a neighbour. What is tried
    // again is reported; a real fault fails twice.
    retry: 1,
  },
})
