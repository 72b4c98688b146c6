/** The streams of async-await, judged by what asyncio's manual says of them: over real sockets. */
import { describe } from 'vitest'
import { backPressureTests, drainAtEndTests } from './streams-back-pressure.ts'
import { abortAfterTests, closeTests, lateWriteTests, numberTests } from './streams-close.ts'
import { cutTests } from './streams-cut.ts'
import { closeAfterEach } from './streams-harness.ts'
import { readexactlyTests, readlineTests, readTests } from './streams-read.ts'
import { readuntilTests } from './streams-readuntil.ts'
import { clientTests, placeTests, serverTests } from './streams-servers.ts'

closeAfterEach()

describe('read', () => readTests())
describe('readline', () => readlineTests())
describe('readexactly', () => readexactlyTests())
describe('readuntil', () => readuntilTests())
describe('however the stream is cut', () => cutTests())
describe('back pressure', () => backPressureTests())
describe('drain at the end', () => drainAtEndTests())
describe('write and close', () => closeTests())
describe('abortAfter', () => abortAfterTests())
describe('a late write', () => lateWriteTests())
describe('numbers', () => numberTests())
describe('openConnection', () => clientTests())
describe('startServer', () => serverTests())
describe('places', () => placeTests())
