import { contract } from './suite.ts'

contract('blocking-serial')
