import { contract } from './suite.ts'

contract('async-await')
