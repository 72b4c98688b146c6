/** All parts of green-threads except sockets and processes, as gevent's manual describes them. */
import { describe } from 'vitest'
import { channelTests } from './green-channel.ts'
import { eventTests } from './green-event.ts'
import { greenletTests } from './green-greenlet.ts'
import { groupTests } from './green-group.ts'
import { hubTests } from './green-hub.ts'
import { killTests } from './green-kill.ts'
import { linkTests } from './green-link.ts'
import { actorTests, localTests } from './green-local.ts'
import { lockTests } from './green-lock.ts'
import { mapTests } from './green-map.ts'
import { numberTests } from './green-numbers.ts'
import { orderTests } from './green-order.ts'
import { poolTests } from './green-pool.ts'
import { queueTests } from './green-queue.ts'
import { queueKindTests } from './green-queue-kinds.ts'
import { queueModelTests } from './green-queue-model.ts'
import { timeoutTests } from './green-timeout.ts'
import { waitTests } from './green-wait.ts'

describe('greenlets', () => greenletTests())
describe('the hub', () => hubTests())
describe('kill', () => killTests())
describe('links', () => linkTests())
describe('joinall and wait', () => waitTests())
describe('numbers', () => numberTests())
describe('timeouts', () => timeoutTests())
describe('events', () => eventTests())
describe('locks', () => lockTests())
describe('queues', () => queueTests())
describe('kinds of queues', () => queueKindTests())
describe('channels', () => channelTests())
describe('queues and a model of them', () => queueModelTests())
describe('groups', () => groupTests())
describe('maps', () => mapTests())
describe('pools', () => poolTests())
describe('local', () => localTests())
describe('actors', () => actorTests())
describe('random programs', () => orderTests())
