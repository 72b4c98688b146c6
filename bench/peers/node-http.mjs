// The plainest HTTP server that Node has: the path and a newline for whatever comes. What HTTP on
// our models is held against. Prints `listening 127.0.0.1:PORT`.
import { createServer } from 'node:http'

const server = createServer((request, response) => {
  response.setHeader('Content-Type', 'text/plain')
  response.end(`${request.url}\n`)
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening 127.0.0.1:${server.address().port}\n`)
})
