/** StreamServer: what gevent's manual says of it, over the network. */
import { describe } from 'vitest'
import { closeAfterEach } from './green-io-harness.ts'
import { acceptTests } from './green-server-accept.ts'
import { echoTests } from './green-server-echo.ts'
import { lifeTests } from './green-server-life.ts'
import { spawnTests } from './green-server-spawn.ts'
import { stopTests } from './green-server-stop.ts'

closeAfterEach()

describe('where the handler runs', () => spawnTests())
describe('start and stop', () => lifeTests())
describe('stopping', () => stopTests())
describe('accepting', () => acceptTests())
describe('the echo server', () => echoTests())
