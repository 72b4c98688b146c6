// The entry of the kernel thread: Node 20 starts Workers on JavaScript only, so tsx is told to load
// TypeScript first, and atomics-kernel.ts comes next.
import { register } from 'tsx/esm/api'

register()
await import('./atomics-kernel.ts')
