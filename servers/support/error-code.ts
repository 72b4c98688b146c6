import { getSystemErrorMap } from 'node:util'

/** The name of an errno that an error carries, such as `ECONNREFUSED`; undefined if it has none. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** The system's words for an error of node:fs, such as `permission denied`; else its message. */
export function reasonOf(error: unknown): string {
  const { errno = 0, message = String(error) } = error as NodeJS.ErrnoException
  return getSystemErrorMap().get(errno)?.[1] ?? message
}
