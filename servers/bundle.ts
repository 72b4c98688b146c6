import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

/**
 * The program that starts at `entry`, a TypeScript file without a top-level await, as one piece of
 * JavaScript: for threads and processes that shall start fast. Node 20 loads TypeScript with tsx,
 * which has to be started first in each of them: ten times the time, and three times the memory.
 */
export function bundle(entry: URL): string {
  const here = JSON.stringify(import.meta.url)
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    write: false,
    define: { 'import.meta.url': here },
    // From wherever it is run, it finds packages where this file does.
    banner: { js: `require = require('module').createRequire(${here})` },
  })
  return outputFiles[0]!.text
}
