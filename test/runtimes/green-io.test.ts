/** The sockets and files of green-threads: what gevent's manual says of them, over the network. */
import { describe } from 'vitest'
import { endingTests } from './green-io-endings.ts'
import { fileTests } from './green-io-files.ts'
import { closeAfterEach } from './green-io-harness.ts'
import { socketTests } from './green-io-sockets.ts'

closeAfterEach()

describe('sockets', () => socketTests())
describe('how they end', () => endingTests())
describe('files', () => fileTests())
