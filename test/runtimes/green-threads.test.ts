/** The toolbox of green-threads, but for sockets and processes: what gevent's manual says of it. */
import { describe } from 'vitest'
import { eventTests } from './green-event.ts'
import { greenletTests } from './green-greenlet.ts'
import { actorTests, localTests } from './green-local.ts'
import { lockTests } from './green-lock.ts'
import { orderTests } from './green-order.ts'
import { poolTests } from './green-pool.ts'
import { queueTests } from './green-queue.ts'
import { queueModelTests } from './green-queue-model.ts'
import { timeoutTests } from './green-timeout.ts'

describe('greenlets', () => greenletTests())
describe('timeouts', () => timeoutTests())
describe('events', () => eventTests())
describe('locks', () => lockTests())
describe('queues', () => queueTests())
describe('queues and a model of them', () => queueModelTests())
describe('groups and pools', () => poolTests())
describe('local', () => localTests())
describe('actors', () => actorTests())
describe('random programs', () => orderTests())
