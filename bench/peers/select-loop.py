"""The original that the model `poll-loop` re-creates: select with two sets and a dictionary.

This is the loop that textbooks show. The server waits in select. While a client has not taken its
replies, its descriptor is only in the outputs, and not in the inputs: that is the back pressure.
"""
import select
import socket

from echo import PARSER, open_session, ready


class Connection:
    def __init__(self, client):
        self.client = client
        self.session = open_session(protocol)
        self.waiting = b''
        self.ended = False


def accept():
    client, _ = listener.accept()
    client.setblocking(False)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connections[client.fileno()] = Connection(client)
    inputs.add(client.fileno())


def on_input(fd):
    connection = connections[fd]
    chunk = connection.client.recv(65536)
    connection.ended = not chunk
    connection.waiting = connection.session.receive(chunk) if chunk else connection.session.end()
    on_output(fd)


def on_output(fd):
    connection = connections[fd]
    if connection.waiting:
        try:
            sent = connection.client.send(connection.waiting)
            connection.waiting = connection.waiting[sent:]
        except BlockingIOError:
            pass
    if connection.waiting:
        inputs.discard(fd)
        outputs.add(fd)
    elif connection.ended:
        close(fd)
    else:
        outputs.discard(fd)
        inputs.add(fd)


def close(fd):
    inputs.discard(fd)
    outputs.discard(fd)
    connections.pop(fd).client.close()


arguments = PARSER.parse_args()
protocol = arguments.protocol
listener = socket.create_server(('127.0.0.1', arguments.port), backlog=1024)
connections, inputs, outputs = {}, {listener.fileno()}, set()
ready(listener.getsockname())
while True:
    readable, writable, _ = select.select(inputs, outputs, [])
    for fd in readable + writable:
        if fd == listener.fileno():
            accept()
            continue
        try:
            on_output(fd) if fd in outputs else on_input(fd)
        except ConnectionError:
            close(fd)
