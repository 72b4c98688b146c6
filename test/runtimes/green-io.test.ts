/** The sockets and files of green-threads: what gevent's manual says of them, over the network. */
import { describe } from 'vitest'
import { connectTests } from './green-io-connect.ts'
import { endingTests } from './green-io-endings.ts'
import { fileTests } from './green-io-files.ts'
import { closeAfterEach } from './green-io-harness.ts'
import { lateWriteTests } from './green-io-late.ts'
import { ioNumberTests } from './green-io-numbers.ts'
import { socketTests } from './green-io-sockets.ts'
import { waitingTests } from './green-io-waits.ts'

closeAfterEach()

describe('sockets', () => socketTests())
describe('connecting', () => connectTests())
describe('ends of connections', () => endingTests())
describe('files', () => fileTests())
describe('waits', () => waitingTests())
describe('writes after the end', () => lateWriteTests())
describe('numbers', () => ioNumberTests())
