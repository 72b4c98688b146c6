/*
 * The code that the servers in C share: their flags, and a listener on the port of `--port`, or on
 * any free one. It prints the line `listening 127.0.0.1:PORT`. `flags` are added to the type of
 * socket(2). Accepted sockets inherit TCP_NODELAY from the listener.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void die(const char *call) {
  perror(call);
  exit(1);
}

/* The word behind `name`. */
static const char *flag(int argc, char **argv, const char *name, const char *otherwise) {
  for (int i = 1; i + 1 < argc; i++)
    if (!strcmp(argv[i], name)) return argv[i + 1];
  return otherwise;
}

static int listen_as_asked(int argc, char **argv, int flags) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int one = 1;
  address.sin_port = htons(atoi(flag(argc, argv, "--port", "0")));
  int listener = socket(AF_INET, SOCK_STREAM | flags, 0);
  if (listener < 0) die("socket");
  setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, size) < 0) die("bind");
  if (listen(listener, 1024) < 0) die("listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("listening 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}
