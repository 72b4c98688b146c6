import { type Address, formatAddress } from '../posix/api.ts'
import { UnsupportedError } from '../posix/open.ts'
import { errorCode } from './error-code.ts'
import { EXIT } from './exit-codes.ts'

/** A start that failed in another thread or process and was explained there. */
export class StartError extends Error {
  readonly exitCode: number

  constructor({ text, exitCode }: { text: string; exitCode: number }) {
    super(text)
    this.exitCode = exitCode
  }
}

/** Says in one line why a server could not start, and with which code to exit. */
export function explainStart(
  error: unknown,
  { address }: { address: Address },
): { text: string; exitCode: number } {
  if (error instanceof StartError) return { text: error.message, exitCode: error.exitCode }
  if (error instanceof UnsupportedError) {
    return { text: error.message, exitCode: EXIT.unsupported }
  }
  // Node's errors and ours both carry the errno's name as `code`.
  const code = errorCode(error) ?? ''
  const where = formatAddress(address)
  const known: Record<string, string> = {
    EADDRINUSE: `${where} is in use by another server; choose another --port (0: any free one)`,
    EADDRNOTAVAIL: `${where}: no interface of this machine has this address`,
    EAFNOSUPPORT: `${where}: this machine has no ${address.family}`,
    EACCES: `${where}: ports below 1024 are for root; choose a higher --port`,
  }
  // RFC 4007, 6: without the interface, a link-local address doesn't say where it is.
  if (/^fe[89ab].:[^%]*$/i.test(address.address)) {
    known.EINVAL = `${where}: this address needs its interface, such as ${address.address}%eth0`
  }
  const text = known[code] ?? (error instanceof Error ? (error.stack ?? error.message) : `${error}`)
  return { text, exitCode: EXIT.failed }
}
