import { contract } from './suite.ts'

contract('green-threads')
