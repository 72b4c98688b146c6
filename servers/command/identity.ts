/**
 * The files of `--tls-cert` and `--tls-key`. What would make every handshake fail is found here,
 * before the server listens: node:tls takes an empty file, and a key of another kind than the
 * certificate's, without a word.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { TlsIdentity } from '../server.ts'
import { reasonOf } from '../support/error-code.ts'
import { fail, UsageError } from './cli.ts'

interface PemFile {
  readonly path: string
  /** With its flag, as an error names it. */
  readonly name: string
  readonly text: string
}

/** Undefined if there are no such flags. */
export async function readIdentity(cert?: string, key?: string): Promise<TlsIdentity | undefined> {
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined) throw new UsageError('--tls-key needs --tls-cert as well')
  if (key === undefined) throw new UsageError('--tls-cert needs --tls-key as well')
  const certFile = await read('--tls-cert', cert)
  const keyFile = await read('--tls-key', key)
  const certificates = certificatesIn(certFile)
  const identity = { cert: certFile.text, key: keyFile.text }
  checkPair(`${certFile.name} and ${keyFile.name}`, certificates, privateKeyIn(keyFile), identity)
  for (const certificate of certificates) warnOutOfTime(certFile, certificate)
  return identity
}

async function read(flag: string, path: string): Promise<PemFile> {
  const name = `${flag} ${path}`
  try {
    return { path, name, text: await readFile(path, 'utf8') }
  } catch (error) {
    fail(`${name}: ${reasonOf(error)}`)
  }
}

/** The server's certificate, and then those that have signed it, as far as the file has them. */
function certificatesIn({ name, text }: PemFile): X509Certificate[] {
  const blocks = blocksIn({ name, text }).filter((block) => /^-----BEGIN .*CERT/.test(block))
  if (blocks.length === 0) {
    fail(`${name} is no certificate: ${missing('CERTIFICATE')}`)
  }
  return blocks.map((block) => parse(name, () => new X509Certificate(block)))
}

function privateKeyIn({ path, name, text }: PemFile): KeyObject {
  const blocks = blocksIn({ name, text })
  const block = blocks.find((each) => /^-----BEGIN .*PRIVATE KEY-----/.test(each))
  if (!block) fail(`${name} is no private key: ${missing('PRIVATE KEY')}`)
  // RFC 7468, 11, and the older form of RFC 1421.
  if (/^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(block)) {
    const remedy = `openssl pkey -in ${path} -out plain.key`
    fail(`${name} is encrypted: remove the passphrase, ${remedy}`)
  }
  return parse(name, () => createPrivateKey(block))
}

/** The blocks of a PEM text, each with its BEGIN and END line: RFC 7468, 2. */
function blocksIn({ name, text }: Pick<PemFile, 'name' | 'text'>): string[] {
  if (text.trim() === '') fail(`${name} is empty`)
  const blocks = text.match(/^-----BEGIN ([^\n]*)-----[\s\S]*?^-----END \1-----/gm) ?? []
  const begun = text.match(/^-----BEGIN /gm) ?? []
  if (begun.length > blocks.length) fail(`${name} is not complete: a block has no END line`)
  return blocks
}

function missing(label: string): string {
  return `a block that begins with -----BEGIN ${label}----- is missing`
}

function parse<T>(name: string, parser: () => T): T {
  try {
    return parser()
  } catch (error) {
    fail(`${name} is damaged: ${complaintOf(error)}`)
  }
}

/** @param names both files, as an error names them */
function checkPair(
  names: string,
  [certificate]: X509Certificate[],
  key: KeyObject,
  identity: TlsIdentity,
): void {
  if (!certificate!.checkPrivateKey(key)) fail(`${names} are no pair`)
  try {
    createSecureContext(identity)
  } catch (error) {
    fail(`${names} can't be used: ${complaintOf(error)}`)
  }
}

/** A client that doesn't check, and a server that is tried out, can do with such a certificate. */
function warnOutOfTime({ name }: PemFile, { validFrom, validTo }: X509Certificate): void {
  const [from, to] = [new Date(validFrom), new Date(validTo)]
  const day = (date: Date) => date.toISOString().slice(0, 10)
  const now = Date.now()
  if (to.getTime() < now) warn(`${name} has expired, on ${day(to)}`)
  else if (from.getTime() > now) warn(`${name} is not valid before ${day(from)}`)
}

function warn(text: string): void {
  process.stderr.write(`warning: ${text}: clients will refuse it\n`)
}

/** OpenSSL's words, such as `bad end line`. */
function complaintOf(error: unknown): string {
  const { reason, message } = error as Error & { reason?: string }
  return reason ?? message
}
