"""The original of threads: socketserver's ThreadingTCPServer, a thread for each client.

It waits in the recv and the send of every thread. What the kernel does not take, sendall waits for:
that is the back pressure.
"""
import socketserver

from echo import PARSER, ready, reply_rule


class Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        try:
            self.converse()
        except ConnectionError:
            pass  # it has vanished: its thread ends, and no other


class EchoBytes(Connection):
    def converse(self):
        while chunk := self.request.recv(65536):
            self.request.sendall(chunk)


class EchoLines(Connection):
    def converse(self):
        reply = reply_rule(protocol)
        for line in self.rfile:
            self.wfile.write(reply(line))


class Server(socketserver.ThreadingTCPServer):
    request_queue_size = 1024
    daemon_threads = True


protocol = PARSER.parse_args().protocol
with Server(('127.0.0.1', 0), EchoBytes if protocol == 'raw' else EchoLines) as server:
    ready(server.server_address)
    server.serve_forever()
