import { replay } from './replay.ts'

replay(['blocking-serial', 'threads', 'poll-loop', 'asyncore', 'asynchat', 'completion'])
