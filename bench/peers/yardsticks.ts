/**
 * The names of the yardsticks: servers as plain as C and Node allow, so that the cost of a model
 * can be given as a multiple of theirs. This file has only names, which is all that reports need;
 * list.ts (C) and node.ts know how to start the servers.
 */

/** epoll-loop.c: one thread with an epoll loop, in C. */
export const C_EPOLL = 'C epoll loop'
/** node-net.mjs: the plainest server on Node's sockets. */
export const NODE_NET = 'plain node:net'
/** node-http.mjs: the plainest HTTP server that Node has. */
export const NODE_HTTP = 'plain node:http'

/** wsgi.ts: our own web server, which is no model and no yardstick. gevent-wsgi.py is its original. */
export const PYWSGI = 'pywsgi'
