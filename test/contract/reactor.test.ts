import { contract } from './suite.ts'

contract('reactor')
