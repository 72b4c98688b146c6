/*
 * An echo server as plain as C and epoll(7) allow: the yardstick, which the cost of the models is
 * divided by. It has one thread, level-triggered events, and one recv and one send per message. It
 * keeps the rest of a partial send, and reads no more until that is sent, so that it loses nothing.
 * It has no limits, no timeouts and no orderly stop. Prints `listening 127.0.0.1:PORT`.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "listen.h"

enum { BATCH = 1024, BUFFER = 65536 };

struct waiting {
  char *bytes;
  size_t length;
};

static struct waiting *waiting; /* indexed by descriptor */
static char buffer[BUFFER];
static int epfd;

static void watch(int operation, int fd, unsigned events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  if (epoll_ctl(epfd, operation, fd, &event) < 0) die("epoll_ctl");
}

static void drop(int fd) {
  free(waiting[fd].bytes);
  waiting[fd] = (struct waiting){0};
  close(fd);
}

static ssize_t send_some(int fd, const char *bytes, size_t length) {
  ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
  return sent < 0 && errno == EAGAIN ? 0 : sent;
}

static void on_input(int fd) {
  ssize_t count = recv(fd, buffer, BUFFER, 0);
  if (count < 0 && errno == EAGAIN) return;
  ssize_t sent = count > 0 ? send_some(fd, buffer, count) : -1;
  if (sent < 0) {
    drop(fd);
  } else if (sent < count) {
    waiting[fd].length = count - sent;
    waiting[fd].bytes = malloc(count - sent);
    memcpy(waiting[fd].bytes, buffer + sent, count - sent);
    watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
  }
}

static void on_output(int fd) {
  struct waiting *rest = &waiting[fd];
  ssize_t sent = send_some(fd, rest->bytes, rest->length);
  if (sent < 0) {
    drop(fd);
    return;
  }
  rest->length -= sent;
  memmove(rest->bytes, rest->bytes + sent, rest->length);
  if (rest->length > 0) return;
  free(rest->bytes);
  rest->bytes = NULL;
  watch(EPOLL_CTL_MOD, fd, EPOLLIN);
}

int main(int argc, char **argv) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  waiting = calloc(limit.rlim_cur, sizeof *waiting);
  epfd = epoll_create1(0);
  if (!waiting || epfd < 0) die("start");
  int listener = listen_as_asked(argc, argv, SOCK_NONBLOCK);
  watch(EPOLL_CTL_ADD, listener, EPOLLIN);
  for (;;) {
    struct epoll_event events[BATCH];
    int count = epoll_wait(epfd, events, BATCH, -1);
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (fd != listener) {
        if (waiting[fd].bytes) on_output(fd);
        else on_input(fd);
        continue;
      }
      int connection = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
      if (connection >= 0) watch(EPOLL_CTL_ADD, connection, EPOLLIN);
    }
  }
}
