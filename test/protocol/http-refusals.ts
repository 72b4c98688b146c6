/** Requests that are refused, by the rule that each of them breaks, with their last reply. */
import {
  CHUNKED,
  type Example,
  GET,
  headOf,
  NEXT,
  POST,
  path,
  type Row,
  refusal,
} from './http-examples.ts'

const BAD_LINE = refusal('400 Bad Request', 'malformed request line')
const BAD_TARGET = refusal('400 Bad Request', 'malformed request target')
const BAD_FIELD = refusal('400 Bad Request', 'malformed header field')
const BAD_HOST = refusal('400 Bad Request', 'malformed Host')
const BAD_LENGTH = refusal('400 Bad Request', 'malformed Content-Length')
const BAD_CODING = refusal('400 Bad Request', 'malformed Transfer-Encoding')
const BAD_SIZE = refusal('400 Bad Request', 'malformed chunk size')
const TWO_LENGTHS = refusal('400 Bad Request', 'more than one Content-Length')
const BOTH = refusal('400 Bad Request', 'both Content-Length and Transfer-Encoding')
const BAD_CHUNK_END = refusal('400 Bad Request', 'a chunk is longer than its size')
const UNKNOWN_METHOD = refusal('501 Not Implemented', 'unknown method')
const UNKNOWN_CODING = refusal('501 Not Implemented', 'unknown transfer coding')
const TOO_LARGE = refusal('413 Content Too Large', 'a body may have 1048576 bytes')
const VERSION = refusal('505 HTTP Version Not Supported', 'this server speaks HTTP/1.1')
const EXPECTATION = refusal('417 Expectation Failed', 'the one expectation is 100-continue')

/** Each of them is followed by a request that must not be answered. */
export const REFUSED: readonly Example[] = [
  ...refused('RFC 9112, 2.2: a line ends with CRLF', [
    ['GET / HTTP/1.1\nHost: a\r\n\r\n', BAD_LINE],
    ['GET / HTTP/1.1\rHost: a\r\n\r\n', BAD_LINE],
    ['GET / HTTP/1.1\r\r\nHost: a\r\n\r\n', BAD_LINE],
    [`\n${GET}\r\n`, BAD_LINE],
    ['GET / HTTP/1.1\r\nHost: a\n\r\n', BAD_FIELD],
    [`${GET}X: a\rContent-Length: 1\r\n\r\n`, BAD_FIELD],
    [`${GET}\n`, BAD_FIELD],
    [`${GET}\r\r\n`, BAD_FIELD],
    [`\r\n\r\n\r\n\r\n\r\n${GET}\r\n`, BAD_LINE],
  ]),
  ...refused('RFC 9112, 3: the request line', [
    ['GET /\r\n', BAD_LINE],
    ['GET  / HTTP/1.1\r\n', BAD_LINE],
    ['GET /  HTTP/1.1\r\n', BAD_LINE],
    ['GET\t/ HTTP/1.1\r\n', BAD_LINE],
    [' GET / HTTP/1.1\r\n', BAD_LINE],
    ['GET / HTTP/1.1 \r\n', BAD_LINE],
    ['GET / a HTTP/1.1\r\n', BAD_LINE],
    ['G@T / HTTP/1.1\r\n', BAD_LINE],
    ['GET /\xe4 HTTP/1.1\r\n', BAD_LINE],
    ['GET /\0 HTTP/1.1\r\n', BAD_LINE],
    ['\x16\x03\x01 client hello\r\n', BAD_LINE],
    ['GET / http/1.1\r\n', BAD_LINE],
    ['GET / HTTP/1\r\n', BAD_LINE],
    ['GET / HTTP/1.10\r\n', BAD_LINE],
    ['GET / HTTP/+1.1\r\n', BAD_LINE],
    ['GET / RTSP/1.0\r\n', BAD_LINE],
    ['GET / HTTP/2.0\r\n', VERSION],
    ['HEAD / HTTP/2.0\r\n', headOf(VERSION)],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', VERSION],
    ['GET / HTTP/0.9\r\n', VERSION],
    ['get / HTTP/1.1\r\n', UNKNOWN_METHOD],
    ['BREW /pot HTTP/1.1\r\n', UNKNOWN_METHOD],
    ['TRACE / HTTP/1.1\r\n', UNKNOWN_METHOD],
    ['CONNECT a:80 HTTP/1.1\r\n', UNKNOWN_METHOD],
  ]),
  ...refused('RFC 9112, 3.2: forms of the target', [
    ['GET * HTTP/1.1\r\n', BAD_TARGET],
    ['GET a:80 HTTP/1.1\r\n', BAD_TARGET],
    ['GET a/b HTTP/1.1\r\n', BAD_TARGET],
    ['GET /a#b HTTP/1.1\r\n', BAD_TARGET],
    ['GET /"a" HTTP/1.1\r\n', BAD_TARGET],
    ['GET /a\\b HTTP/1.1\r\n', BAD_TARGET],
    ['GET /a|b HTTP/1.1\r\n', BAD_TARGET],
    ['GET /%2 HTTP/1.1\r\n', BAD_TARGET],
    ['GET /%zz HTTP/1.1\r\n', BAD_TARGET],
    ['GET http:///a HTTP/1.1\r\n', BAD_TARGET],
    ['GET http://:80/ HTTP/1.1\r\n', BAD_TARGET],
    ['GET http://user@a/ HTTP/1.1\r\n', BAD_TARGET],
    ['GET ftp://a/ HTTP/1.1\r\n', BAD_TARGET],
  ]),
  ...refused('RFC 9112, 3.2: exactly one Host', [
    ['GET / HTTP/1.1\r\n\r\n', refusal('400 Bad Request', 'no Host')],
    ['HEAD / HTTP/1.1\r\n\r\n', headOf(refusal('400 Bad Request', 'no Host'))],
    [`${GET}Host: a\r\n\r\n`, refusal('400 Bad Request', 'more than one Host')],
    ['GET / HTTP/1.0\r\nHost:\r\nHost:\r\n\r\n', refusal('400 Bad Request', 'more than one Host')],
    ['GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', BAD_HOST],
    ['GET / HTTP/1.1\r\nHost: a, b\r\n\r\n', BAD_HOST],
    ['GET / HTTP/1.1\r\nHost: u@a\r\n\r\n', BAD_HOST],
    ['GET / HTTP/1.1\r\nHost: a:b\r\n\r\n', BAD_HOST],
  ]),
  ...refused('RFC 3986, 3.2: a port has 16 bits, and brackets hold an IPv6 address', [
    ...['a:65536', 'a:99999999', `a:${'9'.repeat(400)}`, '[::1]:65536'].map(
      (host) => [`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, BAD_HOST] as const,
    ),
    ...['[]', '[1:2]', '[1.2.3.4]', '[::1', '[:::]'].map(
      (host) => [`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, BAD_HOST] as const,
    ),
    ...['a:65536', '[::1]:65536', '[1:2]'].map(
      (host) => [`GET http://${host}/ HTTP/1.1\r\n`, BAD_TARGET] as const,
    ),
  ]),
  ...refused('RFC 9112, 5: field lines', [
    [`${POST}Content-Length : 1\r\n\r\n`, BAD_FIELD],
    [`${GET}X: a\r\n b\r\n\r\n`, BAD_FIELD],
    [`${GET}X: a\r\n\tb\r\n\r\n`, BAD_FIELD],
    ['GET / HTTP/1.1\r\n Host: a\r\n\r\n', BAD_FIELD],
    [`${GET}X\r\n\r\n`, BAD_FIELD],
    [`${GET}: a\r\n\r\n`, BAD_FIELD],
    [`${GET}X\xe4: a\r\n\r\n`, BAD_FIELD],
    [`${GET}X[]: a\r\n\r\n`, BAD_FIELD],
    [`${GET}X\0: a\r\n\r\n`, BAD_FIELD],
    [`${GET}X: a\0b\r\n\r\n`, BAD_FIELD],
    [`${GET}X: a\x7f\r\n\r\n`, BAD_FIELD],
    [`${GET}X: \x0ba\r\n\r\n`, BAD_FIELD],
  ]),
  ...refused('RFC 9112, 6.2: Content-Length', [
    ...['', '+1', '-1', '0x1', '1 1', '1,1', '1.0', '1e0', '\xa01', 'one'].map(
      (length) => [`${POST}Content-Length: ${length}\r\n\r\n`, BAD_LENGTH] as const,
    ),
    [`${POST}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`, TWO_LENGTHS],
    [`${POST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, TWO_LENGTHS],
    [`${POST}Content-Length:\r\nContent-Length: 2\r\n\r\n`, TWO_LENGTHS],
    [`${POST}Content-Length: 1048577\r\n\r\n`, TOO_LARGE],
    [`${POST}Content-Length: ${'9'.repeat(400)}\r\n\r\n`, TOO_LARGE],
  ]),
  ...refused('RFC 9112, 6.1 and 6.3: Transfer-Encoding', [
    [`${POST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`, BOTH],
    [`${POST}Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n`, BOTH],
    ...['', 'chunked, identity', 'chunked, chunked', 'chunked,', ',chunked', 'chunked;a=b'].map(
      (codings) => [`${POST}Transfer-Encoding: ${codings}\r\n\r\n`, BAD_CODING] as const,
    ),
    ...['\xa0chunked', '"chunked"', 'chunked chunked'].map(
      (codings) => [`${POST}Transfer-Encoding: ${codings}\r\n\r\n`, BAD_CODING] as const,
    ),
    [`${POST}Transfer-Encoding:\r\nTransfer-Encoding: chunked\r\n\r\n`, BAD_CODING],
    [`${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n`, BAD_CODING],
    ...['gzip', 'identity', 'gzip, chunked', 'xchunked', 'chunkedx'].map(
      (codings) => [`${POST}Transfer-Encoding: ${codings}\r\n\r\n`, UNKNOWN_CODING] as const,
    ),
    [
      'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n',
      refusal('400 Bad Request', 'Transfer-Encoding in HTTP/1.0'),
    ],
  ]),
  ...refused('RFC 9112, 7.1: chunks', [
    ...[
      '',
      '0x1',
      '+1',
      '-1',
      ' 1',
      '1 ',
      '1 ;a',
      'g',
      '1;',
      '1;a=',
      '1;a="',
      '1;a="\0"',
      '1;\xe4',
    ].map((size) => [`${CHUNKED}${size}\r\nx\r\n0\r\n\r\n`, BAD_SIZE] as const),
    [`${CHUNKED}1\nx\r\n0\r\n\r\n`, BAD_SIZE],
    [`${CHUNKED}00000000000000001\r\nx\r\n0\r\n\r\n`, BAD_SIZE],
    [`${CHUNKED}1\r\nx\n0\r\n\r\n`, BAD_CHUNK_END],
    [`${CHUNKED}1\r\nxy0\r\n\r\n`, BAD_CHUNK_END],
    [`${CHUNKED}1\r\nx0\r\n\r\n`, BAD_CHUNK_END],
    [`${CHUNKED}ffffffffffffffff\r\n`, TOO_LARGE],
    [`${CHUNKED}1\r\nx\r\n100000\r\n`, TOO_LARGE],
    [`${CHUNKED}0\r\nX : a\r\n\r\n`, BAD_FIELD],
    [`${CHUNKED}0\r\nX: a\n\r\n`, BAD_FIELD],
    [`${CHUNKED}0\r\n\n`, BAD_FIELD],
  ]),
  ...refused('RFC 9110, 10.1.1: Expect', [
    [`${POST}Expect: 200-ok\r\nContent-Length: 1\r\n\r\n`, EXPECTATION],
    [`${POST}Expect: 100-continue, b\r\nContent-Length: 1\r\n\r\n`, EXPECTATION],
    [`${GET}Expect:\r\n\r\n`, EXPECTATION],
  ]),
]

/** Puts each between a good request that is answered and one that must not be. */
function refused(rule: string, refusals: readonly Row[]): Example[] {
  return refusals.map(([sent, answer]) => ({
    rule,
    sent: `${NEXT}${sent}${NEXT}`,
    answer: `${path('/next')}${answer}`,
  }))
}
