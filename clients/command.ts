/** The common parts of the client commands: flags, errors and exit codes. */
import { isIPv6 } from 'node:net'
import { type Command, Option } from 'commander'
import { createCommand, host, integer, UsageError, unknown } from '../servers/command/cli.ts'
import { formatAddress } from '../servers/posix/api.ts'
import { PROTOCOLS } from '../servers/protocol/protocols.ts'
import { errorCode } from '../servers/support/error-code.ts'
import { EXIT } from '../servers/support/exit-codes.ts'
import type { Protocol } from './due-reply.ts'

/** Where a server listens, as its user says it: a name or an address, and a port. */
export interface Endpoint {
  host: string
  port: number
}

export interface Target extends Endpoint {
  protocol: Protocol
}

/** `localhost:8881`, `[::1]:8881`. */
export function describeEndpoint({ host, port }: Endpoint): string {
  return formatAddress({ family: isIPv6(host) ? 'IPv6' : 'IPv4', address: host, port })
}

/** Ends a command for a reason that its user can change: one line on stderr, and an exit code. */
export class ClientError extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number = EXIT.failed, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

/**
 * A subcommand with the flags that all subcommands take.
 *
 * @param protocolUse the help of `--protocol`; undefined if the subcommand has no such flag
 */
export function clientCommand(name: string, summary: string, protocolUse?: string): Command {
  const command = createCommand(name, summary)
    .option('--host <address>', "the server's address or name", host, '127.0.0.1')
    .option('--port <number>', "the server's port", integer(1, 65535), 8881)
  return protocolUse ? command.addOption(protocolOption(protocolUse)) : command
}

/** Makes an action for commander from a function that returns the exit code. */
export function ending<Args extends unknown[]>(action: (...args: Args) => Promise<number>) {
  return async (...args: Args): Promise<void> => {
    try {
      process.exitCode = await action(...args)
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      process.stderr.write(`error: ${error.message}\n`)
      process.exitCode = error.exitCode
    }
  }
}

/** A failed connect as one line that says what to do; other errors are returned as they are. */
export function connectError(error: unknown, target: Endpoint): unknown {
  const code = errorCode(error)
  return code === undefined ? error : connectFailure(code, target, error)
}

/** The error for a failed connect, from the errno's name. */
export function connectFailure(
  code: string,
  { host, port }: Endpoint,
  cause?: unknown,
): ClientError {
  const where = describeEndpoint({ host, port })
  const start = `npm run serve -- poll-loop --port ${port}`
  const known: Record<string, string> = {
    ECONNREFUSED: `${where} refused the connection: start a server, ${start}`,
    ENOTFOUND: `${host} has no address: check --host`,
    EAI_AGAIN: `${host} has no address: check --host`,
    ETIMEDOUT: `${where} did not answer`,
    ...RUN_OUT_TEXT,
  }
  const exitCode = code in RUN_OUT_TEXT ? EXIT.unsupported : EXIT.failed
  return new ClientError(known[code] ?? `${where}: ${code}`, exitCode, { cause })
}

const NO_MEMORY = 'the kernel has no memory for another connection: ask for fewer connections'

const RUN_OUT_TEXT: Record<string, string> = {
  EMFILE: 'out of file descriptors: raise the limit with ulimit -n, or ask for fewer connections',
  ENFILE: 'the whole machine is out of file descriptors: ask for fewer connections',
  EADDRNOTAVAIL:
    'out of local ports (on Linux net.ipv4.ip_local_port_range says how many there are): ' +
    'ask for fewer connections, or wait a minute for those of closed ones',
  EAGAIN: NO_MEMORY,
  ENOBUFS: NO_MEMORY,
  ENOMEM: NO_MEMORY,
}

/** The errnos that say that this machine is out of descriptors, local ports or memory. */
export const RUN_OUT: readonly string[] = Object.keys(RUN_OUT_TEXT)

function protocolOption(use: string): Option {
  const option = new Option('--protocol <name>', `${use}: ${PROTOCOLS.join(', ')}`)
  return option.default('previous').argParser((name) => {
    if (!PROTOCOLS.some((known) => known === name)) {
      throw new UsageError(unknown('protocol', name, PROTOCOLS))
    }
    return name
  })
}
