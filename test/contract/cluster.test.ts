import { contract } from './suite.ts'

contract('cluster')
