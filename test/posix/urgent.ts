import koffi from 'koffi'

const MSG_OOB = 1
const send = koffi.load(null).func('long send(int fd, void *bytes, size_t size, int flags)')

/** Sends one byte of urgent data, for which neither Node nor the socket layer has a call. Linux. */
export function sendUrgent(fd: number): void {
  const sent = send(fd, Buffer.from('!'), 1, MSG_OOB)
  if (sent !== 1) throw new Error(`send of urgent data: ${sent}`)
}
