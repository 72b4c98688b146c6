const MSG_OOB = 1

/**
 * A function that sends one byte of urgent data on a descriptor, for which neither Node nor the
 * socket layer has a call. Linux.
 */
export async function loadSendUrgent(): Promise<(fd: number) => void> {
  const { default: koffi } = await import('koffi')
  const send = koffi.load(null).func('long send(int fd, void *bytes, size_t size, int flags)')
  return (fd) => {
    const sent = send(fd, Buffer.from('!'), 1, MSG_OOB)
    if (sent !== 1) throw new Error(`send of urgent data: ${sent}`)
  }
}
