"""The code that the servers in Python share: the protocols, without a socket, and the ready line.

A server whose framework finds the lines takes only reply_rule; one whose framework hands over
chunks takes a session. A line may be as long as the framework allows: no server here has the limit
and the error message of the models.
"""
import argparse

PARSER = argparse.ArgumentParser()
PARSER.add_argument('--protocol', choices=['previous', 'line', 'raw'], default='previous')
PARSER.add_argument('--port', type=int, default=0, help='0 for any free one')


def ready(address):
    """Prints the address: the benchmark, which has started the server, waits for this line."""
    host, port = address[:2]
    print(f'listening {host}:{port}', flush=True)


def reply_rule(protocol):
    """Returns a function from line to reply: one per connection, since `previous` remembers."""
    before = b''

    def reply(line):
        nonlocal before
        answer = before + line
        before = line
        return answer

    return reply if protocol == 'previous' else lambda line: line


class LineSession:
    """Splits chunks into lines. The reply: all results of receive, and at the end that of end."""

    def __init__(self, protocol):
        self.reply = reply_rule(protocol)
        self.rest = b''

    def receive(self, chunk):
        *lines, self.rest = (self.rest + chunk).split(b'\n')
        return b''.join([self.reply(line + b'\n') for line in lines])

    def end(self):
        return self.reply(self.rest) if self.rest else b''


class RawSession:
    def receive(self, chunk):
        return chunk

    def end(self):
        return b''


def open_session(protocol):
    return RawSession() if protocol == 'raw' else LineSession(protocol)
