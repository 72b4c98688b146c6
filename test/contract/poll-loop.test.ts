import { contract } from './suite.ts'

contract('poll-loop')
