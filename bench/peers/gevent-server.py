"""The original that the model `green-threads` re-creates: gevent, with a greenlet for each client.

A greenlet of the StreamServer waits in recv and sendall, which switch to the hub; the hub waits in
epoll_wait. sendall returns when the kernel has taken all bytes: that is the back pressure.
"""
import socket

from gevent.server import StreamServer

from echo import PARSER, ready, reply_rule


def echo_bytes(client):
    while chunk := client.recv(65536):
        client.sendall(chunk)


def echo_lines(client):
    reply = reply_rule(protocol)
    with client.makefile('rb') as lines:
        for line in lines:
            client.sendall(reply(line))


def handle(client, address):
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        converse(client)
    except ConnectionError:
        pass  # the client has vanished: only its own greenlet ends


arguments = PARSER.parse_args()
protocol = arguments.protocol
converse = echo_bytes if protocol == 'raw' else echo_lines
server = StreamServer(('127.0.0.1', arguments.port), handle, backlog=1024)
server.start()
ready(server.address)
server.serve_forever()
