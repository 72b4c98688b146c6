import { contract } from './suite.ts'

contract('asyncore')
