import { contract } from './suite.ts'

contract('completion')
