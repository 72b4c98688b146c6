/**
 * The conversation between a server and one client, without a socket in it.
 *
 * A server model only moves bytes between a socket and a session, so that the difference between
 * two models is their architecture and nothing else. The call grammar is `receive* → end?`, and
 * after `finished` has become true neither is called again.
 */
export interface Session {
  /**
   * Takes the next bytes of the stream, cut anywhere, and returns the replies that they complete
   * (empty if none).
   *
   * The replies may share memory with `chunk`: send or copy them before that memory is used again.
   * Apart from that they don't change, whatever the session receives later.
   */
  receive(chunk: Uint8Array): Uint8Array

  /** The client has sent its FIN: returns the replies that it is still owed. */
  end(): Uint8Array

  /** True once the session has no more replies to give: send what is still owed, then close. */
  readonly finished: boolean
}
