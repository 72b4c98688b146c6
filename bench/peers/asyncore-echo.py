"""The original that the model `asyncore` re-creates: asyncore, in Python's library up to 3.11.

The server waits in poll, in asyncore.loop. Bytes that the kernel does not take wait in out_buffer.
While out_buffer is too long, the dispatcher is not readable: that is the back pressure.
"""
import asyncore
import socket

from echo import PARSER, open_session, ready

HIGH_WATER = 65536


class Connection(asyncore.dispatcher_with_send):
    def __init__(self, client):
        super().__init__(client)
        self.session = open_session(protocol)
        self.ended = False

    def readable(self):
        return not self.ended and len(self.out_buffer) < HIGH_WATER

    def handle_read(self):
        reply = self.session.receive(self.recv(65536))
        if reply:
            self.send(reply)

    def handle_write(self):
        super().handle_write()
        if self.ended and not self.out_buffer:
            self.close()

    def handle_close(self):
        """First call, at the FIN: send what is owed. Second call: the peer takes nothing more."""
        if self.ended:
            self.close()
            return
        self.ended = True
        self.out_buffer += self.session.end()
        self.handle_write()


class Listener(asyncore.dispatcher):
    def __init__(self):
        super().__init__()
        self.create_socket()
        self.bind(('127.0.0.1', arguments.port))
        self.listen(1024)

    def handle_accepted(self, client, address):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Connection(client)


arguments = PARSER.parse_args()
protocol = arguments.protocol
ready(Listener().socket.getsockname())
asyncore.loop(use_poll=True)
