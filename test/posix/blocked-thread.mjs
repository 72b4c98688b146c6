// Node 20 starts Workers on JavaScript only: tsx is told to load TypeScript first.
import { register } from 'tsx/esm/api'

register()
await import('./blocked-thread.ts')
