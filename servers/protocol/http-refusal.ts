/** The statuses with which a request is refused, or fails, and their reason phrases. */
export const REASONS = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  414: 'URI Too Long',
  417: 'Expectation Failed',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  505: 'HTTP Version Not Supported',
} as const

export type RefusalStatus = keyof typeof REASONS

/**
 * Thrown when a request breaks a rule. The session answers with the status and the message, and
 * closes: it can't be known where the next request begins, and request smuggling makes use of that
 * (RFC 9112, 11.2).
 */
export class Refusal extends Error {
  readonly status: RefusalStatus

  constructor(status: RefusalStatus, message: string) {
    super(message)
    this.name = 'Refusal'
    this.status = status
  }
}
