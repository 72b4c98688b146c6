import { contract } from './suite.ts'

contract('threads')
