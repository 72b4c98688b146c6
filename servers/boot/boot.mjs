// Starts a program of this project: `node boot.mjs servers/main.ts <arguments>`. See build.mjs.
const [major] = process.versions.node.split('.')
if (Number(major) < 20) {
  process.stderr.write(`error: this is Node ${process.versions.node}; Node 20 or later is needed\n`)
  process.exit(3)
}
const { built, ownModels } = await import('./build.mjs')

/** esbuild has shown what is wrong with the source: a stack of its own functions says no more. */
function startOf(source) {
  try {
    return built(source, ownModels(process.argv.slice(2)))
  } catch (error) {
    if (!('errors' in error)) throw error
    process.exit(1)
  }
}

// The program finds its arguments where it would if it had been started itself.
const [source] = process.argv.splice(2, 1)
process.argv[1] = source
await import(startOf(source).href)
