/** TLS, on every model that speaks it: what passes through, and what a bad client costs others. */
import { execFile, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anyLines, MiB } from '../clients/check/samples.ts'
import { LaunchError, launch, type RunningServer } from '../clients/launcher.ts'
import { ClientSession } from '../clients/session.ts'
import { MODELS } from '../servers/models.ts'

const CERT = fileURLToPath(new URL('tls/localhost.pem', import.meta.url))
const KEY = fileURLToPath(new URL('tls/localhost.key', import.meta.url))
const TLS = tlsFlags(CERT, KEY)

const ca = await readFile(CERT, 'utf8')
const hasOpenssl = await promisify(execFile)('openssl', ['version']).then(
  () => true,
  () => false,
)
const speakers = MODELS.filter(({ takes }) => takes.includes('tls'))

function tlsFlags(cert = '', key = ''): string[] {
  return ['--tls-cert', cert, '--tls-key', key]
}

describe.each(speakers)('$id', ({ id }) => {
  let server: RunningServer

  beforeAll(async () => {
    // A handshake may take no longer than a connection may be idle: bad ones end soon.
    server = await launch(id, [...TLS, '--protocol', 'line', '--idle-timeout', '1', '--verbose'])
  })

  afterAll(() => server.kill())

  function dial(): Socket {
    const { address, port } = server.address
    return connect({ host: address, port }).on('error', () => {})
  }

  /** A good client talks until all `others` are closed. */
  async function talksOnBeside(others: readonly Socket[]): Promise<void> {
    let allGone = false
    Promise.all(others.map((other) => once(other.resume(), 'close'))).then(() => {
      allGone = true
    })
    using client = await ClientSession.connectTls(server.address, ca)
    do expect((await client.ask('still here\n', 11)).toString()).toBe('still here\n')
    while (!allGone)
  }

  test('each line gets a reply, and after the FIN comes all that is owed', async () => {
    using client = await ClientSession.connectTls(server.address, ca)
    expect((await client.ask('hello\n', 6)).toString()).toBe('hello\n')
    await client.send('one\ntwo')
    client.end()
    expect((await client.receiveAll()).toString()).toBe('one\ntwo')
  })

  test('8 MiB are echoed', async () => {
    using client = await ClientSession.connectTls(server.address, ca)
    const sent = anyLines(8 * MiB)
    const received = await client.ask(sent, sent.length)
    expect(received.equals(sent)).toBe(true)
  })

  test.skipIf(!hasOpenssl)('openssl s_client is answered', async () => {
    const { address, port } = server.address
    const flags = ['-connect', `${address}:${port}`, '-CAfile', CERT, '-quiet', '-no_ign_eof']
    const child = spawn('openssl', ['s_client', ...flags, '-verify_return_error'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    child.stdin.write('hello\nworld\n')
    // openssl ends at the end of its input, whatever is on its way: wait for the replies.
    let replies = ''
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      replies += chunk
      if (replies.length >= 12) child.stdin.end()
    }
    await once(child, 'close')
    expect(replies).toBe('hello\nworld\n')
  })

  test('a client that speaks no TLS costs no other client anything', async () => {
    const plain = dial()
    plain.write('hello\nworld\n')
    await talksOnBeside([plain])
  })

  test('a stalled handshake, and a truncated one, end in bounded time', async () => {
    const [stalled, truncated, gone] = [dial(), dial(), dial()]
    // The header of a TLS record, which announces more bytes than will come.
    const head = Buffer.from('160301020001000100', 'hex')
    truncated.write(head)
    truncated.end()
    gone.write(head, () => gone.resetAndDestroy())
    await talksOnBeside([stalled, truncated, gone])
  })

  test('closing time does not wait for a stalled handshake', async () => {
    await using closing = await launch(id, [...TLS, '--grace', '60'])
    const { address, port } = closing.address
    const stalled = connect({ host: address, port }).on('error', () => {})
    await once(stalled, 'connect')
    const turnedAway = once(stalled.resume(), 'close')
    using client = await ClientSession.connectTls(closing.address, ca)
    await client.ask('hello\n', 6)
    closing.signal('SIGTERM')
    await client.receiveAll()
    client.end()
    await turnedAway
    expect(await closing.exited).toMatchObject({ code: 0, signal: null })
  })
})

test.each([
  ['expired.pem', 'has expired, on 2020-01-02'],
  ['future.pem', 'is not valid before 2120-01-01'],
])('a certificate out of its time, %s, is served with a warning', async (name, reason) => {
  const file = fileURLToPath(new URL(`tls/${name}`, import.meta.url))
  await using server = await launch('callbacks', tlsFlags(file, KEY))
  const { code, stderr } = await server.stop()
  const warning = `warning: --tls-cert ${file} ${reason}: clients will refuse it\n`
  expect({ code, stderr }).toEqual({ code: 0, stderr: warning })
})

/** A private key as PEM text, encrypted if there is a passphrase. */
function newKey(type: 'pkcs8' | 'sec1', passphrase?: string, kind: 'ec' | 'ed25519' = 'ec') {
  const { privateKey } = generateKeyPairSync(kind as 'ec', { namedCurve: 'P-256' })
  const secret = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }
  return privateKey.export({ type, format: 'pem', ...secret }).toString()
}

describe('wrong use', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'echo-tls-'))
  })

  afterAll(() => rm(folder, { recursive: true }))

  /** How a server ends that refuses to start. */
  async function refusal(model: string, ...flags: string[]) {
    try {
      await using _ = await launch(model, flags)
    } catch (error) {
      if (error instanceof LaunchError) return error.exit
      throw error
    }
    throw new Error('it should not have started')
  }

  test('a certificate without a key is refused', async () => {
    expect(await refusal('async-await', '--tls-cert', CERT)).toMatchObject({
      code: 2,
      stderr: 'error: --tls-cert needs --tls-key as well\n',
    })
  })

  test('a file that does not exist is refused', async () => {
    const missing = join(folder, 'missing.pem')
    expect(await refusal('callbacks', '--tls-cert', missing, '--tls-key', KEY)).toMatchObject({
      code: 1,
      stderr: `error: --tls-cert ${missing}: no such file or directory\n`,
    })
  })

  const key = readFileSync(KEY, 'utf8')
  const noCertificate =
    'is no certificate: a block that begins with -----BEGIN CERTIFICATE----- is missing'
  const noKey = 'is no private key: a block that begins with -----BEGIN PRIVATE KEY----- is missing'
  const half = 'is not complete: a block has no END line'
  const encrypted =
    'is encrypted: remove the passphrase, openssl pkey -in secret.key -out plain.key'

  test.each<[string, 'cert' | 'key', string, string]>([
    ['an empty certificate', 'cert', '', 'is empty'],
    ['an empty key', 'key', '', 'is empty'],
    ['a truncated certificate', 'cert', ca.slice(0, 300), half],
    ['a truncated second certificate', 'cert', ca + ca.slice(0, 300), half],
    ['a truncated key', 'key', key.slice(0, 100), half],
    ['a key without the end of its last line', 'key', key.slice(0, -8), half],
    ['a text as a certificate', 'cert', 'hello\n', noCertificate],
    ['a key as a certificate', 'cert', key, noCertificate],
    ['a certificate as a key', 'key', ca, noKey],
    ['a damaged certificate', 'cert', ca.replace('\nMII', '\nAAA'), 'is damaged: '],
    ['a damaged second certificate', 'cert', ca + ca.replace('\nMII', '\nAAA'), 'is damaged: '],
    ['a damaged key', 'key', key.replace('\nMI', '\nAA'), 'is damaged: '],
    ['an encrypted key', 'key', newKey('pkcs8', 'secret'), encrypted],
    ['an encrypted key of the old form', 'key', newKey('sec1', 'secret'), encrypted],
    ['a key of another certificate', 'key', newKey('pkcs8'), 'are no pair'],
    ['a key of another kind', 'key', newKey('pkcs8', undefined, 'ed25519'), 'are no pair'],
  ])('%s is refused', async (_, which, text, reason) => {
    const file = join(folder, which === 'cert' ? 'bad.pem' : 'secret.key')
    await writeFile(file, text)
    const files = which === 'cert' ? [file, KEY] : [CERT, file]
    const { code, stderr } = await refusal('callbacks', ...tlsFlags(...files))
    const named = reason === 'are no pair' ? `--tls-cert ${CERT} and --tls-key` : `--tls-${which}`
    const expected = `error: ${named} ${file} ${reason.replaceAll('secret.key', file)}`
    expect(stderr.startsWith(expected), stderr).toBe(true)
    expect(stderr.trimEnd()).not.toContain('\n')
    expect(code).toBe(1)
  })

  test('a model without TLS refuses its flags', async () => {
    const ids = speakers.map(({ id }) => id).join(', ')
    expect(await refusal('poll-loop', ...TLS)).toMatchObject({
      code: 2,
      stderr: `error: poll-loop has no --tls-cert; it is for: ${ids}\n`,
    })
  })
})
