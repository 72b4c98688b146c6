/*
 * An original that the model `threads` re-creates: a POSIX thread for each client, pthreads(7), in
 * C. Each thread waits in its recv and its send; a send that has to wait is the back pressure.
 * getline(3) finds the lines. A line may be as long as memory allows. Prints
 * `listening 127.0.0.1:PORT`.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "listen.h"

struct line {
  char *bytes;
  size_t room;
  ssize_t length;
};

static int remembers; /* true for --protocol previous: a reply begins with the line before */

static void *echo_bytes(void *client) {
  char buffer[65536];
  int fd = (intptr_t)client;
  ssize_t count;
  /* A blocking send sends the whole buffer, unless the client has gone. */
  while ((count = recv(fd, buffer, sizeof buffer, 0)) > 0)
    if (send(fd, buffer, count, 0) < count) break;
  close(fd);
  return NULL;
}

static void *echo_lines(void *client) {
  int fd = (intptr_t)client;
  FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");
  struct line line = {0}, before = {0};
  while (in && out && (line.length = getline(&line.bytes, &line.room, in)) > 0) {
    if (before.length > 0) fwrite(before.bytes, 1, before.length, out);
    fwrite(line.bytes, 1, line.length, out);
    if (fflush(out) != 0) break;
    if (!remembers) continue;
    struct line other = before;
    before = line;
    line = other; /* getline uses its memory again */
  }
  free(line.bytes);
  free(before.bytes);
  if (out) fclose(out);
  if (in) fclose(in);
  return NULL;
}

int main(int argc, char **argv) {
  const char *protocol = flag(argc, argv, "--protocol", "previous");
  void *(*converse)(void *) = strcmp(protocol, "raw") == 0 ? echo_bytes : echo_lines;
  remembers = strcmp(protocol, "previous") == 0;
  signal(SIGPIPE, SIG_IGN);
  int listener = listen_as_asked(argc, argv, 0);
  for (;;) {
    pthread_t thread;
    intptr_t client = accept(listener, NULL, NULL);
    if (client < 0) continue;
    if (pthread_create(&thread, NULL, converse, (void *)client) != 0) close(client);
    else pthread_detach(thread);
  }
}
