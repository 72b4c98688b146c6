// The entry of a model's Worker: Node 20 starts Workers on JavaScript only, so tsx is told to load
// TypeScript first, and worker.ts comes next.
import { register } from 'tsx/esm/api'

register()
await import('./worker.ts')
