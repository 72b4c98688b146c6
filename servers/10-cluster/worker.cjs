// The entry of a worker's process. Its program is the first thing that the primary says: worker.ts
// as one piece of JavaScript, which needs no tsx to be started first.
const { compileFunction } = require('node:vm')

process.once('message', (program) => compileFunction(program, ['require'])(require))
