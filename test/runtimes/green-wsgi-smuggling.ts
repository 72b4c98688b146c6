/**
 * The refusals and the smuggling vectors of test/protocol, through a server: the application is the
 * echo that they were written for.
 */
import { expect } from 'vitest'
import { SHUT_WR, sleep } from '../../servers/07-green-threads/gevent.ts'
import type { Application } from '../../servers/07-green-threads/wsgi.ts'
import { ANSWERED, bytes, CLOSE } from '../protocol/http-examples.ts'
import { REFUSED } from '../protocol/http-refusals.ts'
import { green, watchFailures } from './green-harness.ts'
import { dial } from './green-server-spawn.ts'
import { rest, serving, talk } from './green-wsgi-harness.ts'

/** A body with its type, or the path and a newline, as protocol/http.ts does it. */
const echo: Application = function* (environ, startResponse) {
  const { CONTENT_LENGTH, HTTP_TRANSFER_ENCODING, CONTENT_TYPE, REQUEST_URI } = environ
  const hasBody = CONTENT_LENGTH !== undefined || HTTP_TRANSFER_ENCODING !== undefined
  const type = CONTENT_TYPE ?? 'application/octet-stream'
  const body = hasBody ? yield* environ['wsgi.input'].read() : `${REQUEST_URI}\n`
  startResponse('200 OK', [['Content-Type', hasBody ? type : 'text/plain']])
  return body
}

export function smugglingTests(): void {
  const seen = watchFailures()

  for (const { rule, sent, answer } of [...ANSWERED, ...REFUSED]) {
    green(`${rule}: ${JSON.stringify(sent)}, whole and byte by byte`, function* () {
      yield* serving(echo, {}, function* (server) {
        expect(yield* talk(server, sent)).toBe(answer)
        const client = yield* dial(server)
        for (const byte of bytes(sent)) {
          yield* client.sendall(Buffer.of(byte))
          yield* sleep(0)
        }
        if (!answer.includes(CLOSE)) yield* client.shutdown(SHUT_WR)
        expect(yield* rest(client)).toBe(answer)
      })
      expect(seen.failures).toEqual([])
    })
  }
}
