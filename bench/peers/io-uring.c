/*
 * The original that the model `completion` re-creates: io_uring(7) in C, by its three system calls,
 * without a library. It waits in io_uring_enter. Each connection has one operation in flight, a
 * recv or the send of the received bytes, so that it does not read from a client that does not
 * read: that is the back pressure. It echoes bytes, and has no limits, no timeouts and no orderly
 * stop. Prints `listening 127.0.0.1:PORT`.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "listen.h"

enum { ENTRIES = 4096, BUFFER = 65536 };

struct connection {
  int fd;
  int received; /* bytes that are being sent back; 0 while a recv is in flight */
  char buffer[BUFFER];
};

static int ring, listener;
static unsigned *sq_tail, *cq_head, *cq_tail, begun;
static struct io_uring_sqe *submissions;
static struct io_uring_cqe *completions;

static void *map(size_t size, off_t offset) {
  void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, offset);
  if (at == MAP_FAILED) die("mmap");
  return at;
}

static void open_ring(void) {
  struct io_uring_params p = {.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN};
  ring = syscall(SYS_io_uring_setup, ENTRIES, &p);
  if (ring < 0) die("io_uring_setup");
  /* One mapping holds both rings: it is as long as the one that ends later. */
  size_t sq_end = p.sq_off.array + p.sq_entries * sizeof(unsigned);
  size_t cq_end = p.cq_off.cqes + p.cq_entries * sizeof *completions;
  char *rings = map(sq_end > cq_end ? sq_end : cq_end, IORING_OFF_SQ_RING);
  submissions = map(p.sq_entries * sizeof *submissions, IORING_OFF_SQES);
  completions = (void *)(rings + p.cq_off.cqes);
  sq_tail = (void *)(rings + p.sq_off.tail);
  cq_head = (void *)(rings + p.cq_off.head);
  cq_tail = (void *)(rings + p.cq_off.tail);
  unsigned *array = (void *)(rings + p.sq_off.array);
  for (unsigned i = 0; i < p.sq_entries; i++) array[i] = i;
}

static void enter(unsigned wanted) {
  int taken = syscall(SYS_io_uring_enter, ring, begun, wanted, IORING_ENTER_GETEVENTS, NULL, 0);
  if (taken < 0 && errno != EINTR) die("io_uring_enter");
  if (taken > 0) begun -= taken;
}

static struct io_uring_sqe *begin(int code, int fd, void *owner) {
  if (begun == ENTRIES) enter(0);
  struct io_uring_sqe *submission = &submissions[*sq_tail % ENTRIES];
  *submission = (struct io_uring_sqe){.opcode = code, .fd = fd, .user_data = (uintptr_t)owner};
  __atomic_store_n(sq_tail, *sq_tail + 1, __ATOMIC_RELEASE);
  begun++;
  return submission;
}

static void receive(struct connection *client) {
  struct io_uring_sqe *submission = begin(IORING_OP_RECV, client->fd, client);
  submission->addr = (uintptr_t)client->buffer;
  submission->len = BUFFER;
  client->received = 0;
}

static void reply(struct connection *client, int length) {
  struct io_uring_sqe *submission = begin(IORING_OP_SEND, client->fd, client);
  submission->addr = (uintptr_t)client->buffer;
  submission->len = client->received = length;
  submission->msg_flags = MSG_NOSIGNAL | MSG_WAITALL; /* sends all of it, or fails */
}

static void accept_all(void) {
  begin(IORING_OP_ACCEPT, listener, NULL)->ioprio = IORING_ACCEPT_MULTISHOT;
}

static void accepted(int fd, unsigned flags) {
  struct connection *client = fd < 0 ? NULL : malloc(sizeof *client);
  if (client) {
    client->fd = fd;
    receive(client);
  } else if (fd >= 0) {
    close(fd);
  }
  if (!(flags & IORING_CQE_F_MORE)) accept_all();
}

static void completed(struct connection *client, int result) {
  if (result <= 0 || result < client->received) {
    close(client->fd);
    free(client);
  } else if (client->received) {
    receive(client);
  } else {
    reply(client, result);
  }
}

int main(int argc, char **argv) {
  open_ring();
  listener = listen_as_asked(argc, argv, 0);
  accept_all();
  for (;;) {
    enter(1);
    unsigned tail = __atomic_load_n(cq_tail, __ATOMIC_ACQUIRE);
    for (unsigned head = *cq_head; head != tail; head++) {
      struct io_uring_cqe *one = &completions[head % (2 * ENTRIES)];
      if (one->user_data) completed((void *)one->user_data, one->res);
      else accepted(one->res, one->flags);
    }
    __atomic_store_n(cq_head, tail, __ATOMIC_RELEASE);
  }
}
