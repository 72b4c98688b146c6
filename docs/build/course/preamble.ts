/** Runs before a submission, in its process: what its environment asks for is put around it. */
import { breakSockets } from '../../../servers/node/faults.ts'
import { parseFaults } from '../../../servers/posix/faults.ts'
import { traceSockets } from '../../../servers/trace/node.ts'
import { record } from '../../../servers/trace/trace.ts'

const { COURSE_FAULTS, COURSE_TRACE } = process.env

export const faults = COURSE_FAULTS ? parseFaults(COURSE_FAULTS) : undefined
if (faults) breakSockets(faults)

/** How many events a timeline can show, and more. */
const EVENTS = 20_000

export const recording = COURSE_TRACE
  ? record({ file: COURSE_TRACE, events: EVENTS }, 'your server')
  : undefined
if (recording) traceSockets(recording)
recording?.clients.followCalls()
