/*
 * The code that the servers in C share: it opens a listener on any free port, and prints the line
 * `listening 127.0.0.1:PORT`. `flags` are added to the type of socket(2). Accepted sockets inherit
 * TCP_NODELAY from the listener.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void die(const char *call) {
  perror(call);
  exit(1);
}

static int listen_anywhere(int flags) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int one = 1;
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
