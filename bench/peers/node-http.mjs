// The plainest HTTP server that node:http allows: it replies to any request with the path and a
// newline. HTTP on our models is compared with this server. Prints `listening 127.0.0.1:PORT`.
import { createServer } from 'node:http'

const server = createServer((request, response) => {
  response.setHeader('Content-Type', 'text/plain')
  response.end(`${request.url}\n`)
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening 127.0.0.1:${server.address().port}\n`)
})
