"""An original that the model `threads` re-creates: socketserver, with a thread for each client.

Each thread of the ThreadingTCPServer waits in its recv and its send. sendall waits until the kernel
has taken all bytes: that is the back pressure.
"""
import socketserver

from echo import PARSER, ready, reply_rule


class Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        try:
            self.converse()
        except ConnectionError:
            pass  # the client has vanished: only its own thread ends


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


arguments = PARSER.parse_args()
protocol = arguments.protocol
handler = EchoBytes if protocol == 'raw' else EchoLines
with Server(('127.0.0.1', arguments.port), handler) as server:
    ready(server.server_address)
    server.serve_forever()
