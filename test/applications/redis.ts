/** A Redis for the tests of a file, if this machine has one. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasRedis, RedisServer } from '../../bench/storm/redis-server.ts'

/**
 * Runs tests that need Redis, which is started before them and ended after them. Without a
 * redis-server they are skipped, and the name of the skipped group says what to install. In CI a
 * missing one is a failure.
 */
export function withRedis(name: string, tests: (redis: () => RedisServer) => void): void {
  if (!hasRedis()) {
    if (process.env.CI) test('redis-server is installed', () => expect(hasRedis()).toBe(true))
    describe.skip(`${name} (no redis-server: install Debian's package of this name)`, () => {
      tests(() => {
        throw new Error('there is no Redis')
      })
    })
    return
  }
  describe(name, () => {
    let redis: RedisServer
    beforeAll(async () => {
      redis = await RedisServer.start()
    })
    afterAll(() => redis?.stop())
    tests(() => redis)
  })
}
