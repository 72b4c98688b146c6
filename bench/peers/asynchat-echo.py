"""The original that the model `asynchat` re-creates: asynchat, in Python's library up to 3.11.

The server waits in poll, in asyncore.loop. Replies queue in producer_fifo. While the queue is not
empty, the channel is not readable: that is the back pressure.
"""
import asynchat
import asyncore
import socket

from echo import PARSER, ready, reply_rule


class Connection(asynchat.async_chat):
    def __init__(self, client):
        super().__init__(client)
        self.ended = False

    def readable(self):
        return not self.ended and not self.producer_fifo

    def handle_close(self):
        """First call, at the FIN: send what is owed. Second call, when all is sent: close."""
        if self.ended:
            self.close()
            return
        self.ended = True
        self.last_words()
        self.close_when_done()

    def last_words(self):
        pass


class EchoLines(Connection):
    def __init__(self, client):
        super().__init__(client)
        self.set_terminator(b'\n')
        self.reply = reply_rule(protocol)
        self.collected = []

    def collect_incoming_data(self, data):
        self.collected.append(data)

    def found_terminator(self):
        self.push(self.reply(b''.join(self.collected) + b'\n'))
        self.collected.clear()

    def last_words(self):
        if self.collected:
            self.push(self.reply(b''.join(self.collected)))


class EchoBytes(Connection):
    terminator = None
    collect_incoming_data = asynchat.async_chat.push


class Listener(asyncore.dispatcher):
    def __init__(self):
        super().__init__()
        self.create_socket()
        self.bind(('127.0.0.1', arguments.port))
        self.listen(1024)

    def handle_accepted(self, client, address):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connect(client)


arguments = PARSER.parse_args()
protocol = arguments.protocol
connect = EchoBytes if protocol == 'raw' else EchoLines
ready(Listener().socket.getsockname())
asyncore.loop(use_poll=True)
