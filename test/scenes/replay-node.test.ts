import { replay } from './replay.ts'

replay(['reactor', 'green-threads', 'callbacks', 'async-await', 'cluster'])
