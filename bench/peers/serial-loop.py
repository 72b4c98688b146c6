"""The original that the model `blocking-serial` re-creates: one client at a time.

Books on sockets begin with this program. It waits in every call, from accept to close. Meanwhile
other clients wait in the backlog.
"""
import socket

from echo import PARSER, ready, reply_rule


def echo_bytes(connection):
    while chunk := connection.recv(65536):
        connection.sendall(chunk)


def echo_lines(connection):
    reply = reply_rule(protocol)
    with connection.makefile('rb') as lines:
        for line in lines:
            connection.sendall(reply(line))


arguments = PARSER.parse_args()
protocol = arguments.protocol
converse = echo_bytes if protocol == 'raw' else echo_lines
with socket.create_server(('127.0.0.1', arguments.port), backlog=1024) as listener:
    ready(listener.getsockname())
    while True:
        client, _ = listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with client:
            try:
                converse(client)
            except ConnectionError:
                pass  # the client has vanished: accept the next one
