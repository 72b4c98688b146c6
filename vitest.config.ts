import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Processes, not threads: tests block in Atomics.wait and in system calls.
    pool: 'forks',
    // The work is done by the servers under test; a file of tests mostly waits for one.
    maxWorkers: 4,
    // A server that hangs is a failure to be seen, not waited for.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
