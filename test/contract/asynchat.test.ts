import { contract } from './suite.ts'

contract('asynchat')
