import koffi from 'koffi'
import { check } from '../posix/libc.ts'

const library = koffi.load(null)
const c = {
  // An address is declared as `long`, which comes as a number: user space ends far below 2 ** 53.
  mmap: library.func('long mmap(void *hint, size_t size, int prot, int flags, int fd, long at)'),
  munmap: library.func('int munmap(void *address, size_t size)'),
}

const PROT_READ_WRITE = 3
const MAP_SHARED = 0x01
const MAP_PRIVATE = 0x02
const MAP_ANONYMOUS = 0x20
const MAP_POPULATE = 0x8000

/**
 * Memory that lies still: mapped by mmap(2), outside of the JavaScript heap.
 *
 * The kernel reads and writes it between two of our calls, at an address that it was given earlier.
 * So the garbage collector must not move or free it meanwhile. It doesn't know of it: the memory is
 * ours until `unmap`.
 */
export class Memory {
  readonly address: number
  /** The same bytes for JavaScript. To touch them after `unmap` ends the process. */
  readonly bytes: ArrayBuffer

  private constructor(size: number, flags: number, fd: number, at: number) {
    this.address = check('mmap', c.mmap(null, size, PROT_READ_WRITE, flags, fd, at))
    this.bytes = koffi.view(this.address, size)
  }

  /** `size` bytes of our own, all zero. A page takes up RAM only once it has been touched. */
  static allocate(size: number): Memory {
    return new Memory(size, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
  }

  /** Memory of the kernel that it shares under a descriptor. */
  static share(fd: number, at: number, size: number): Memory {
    return new Memory(size, MAP_SHARED | MAP_POPULATE, fd, at)
  }

  unmap(): void {
    check('munmap', c.munmap(this.address, this.bytes.byteLength))
  }
}
