import { contract } from './suite.ts'

contract('callbacks')
