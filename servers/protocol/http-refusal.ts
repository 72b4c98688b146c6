/** Why a request is not answered: the status that says so, and a sentence for who sent it. */
export const REASONS = {
  400: 'Bad Request',
  413: 'Content Too Large',
  414: 'URI Too Long',
  417: 'Expectation Failed',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
  505: 'HTTP Version Not Supported',
} as const

export type RefusalStatus = keyof typeof REASONS

/**
 * Thrown where a rule is broken. The session answers with the status and closes: after a request
 * that can't be trusted nobody knows where the next one begins, and that is what request smuggling
 * lives on (RFC 9112, 11.2).
 */
export class Refusal extends Error {
  readonly status: RefusalStatus

  constructor(status: RefusalStatus, message: string) {
    super(message)
    this.name = 'Refusal'
    this.status = status
  }
}
