"""What the servers in Python share: the protocols, without a socket, and the line that says ready.

A framework that finds lines itself takes only the rule; one that hands over chunks takes a session.
A line may be as long as the framework allows: none of them has the limit and the error message of
a model.
"""
import argparse

PARSER = argparse.ArgumentParser()
PARSER.add_argument('--protocol', choices=['previous', 'line', 'raw'], default='previous')


def ready(address):
    """Says where it listens, which is what whoever has started it waits for."""
    host, port = address[:2]
    print(f'listening {host}:{port}', flush=True)


def reply_rule(protocol):
    """What a line is answered with. One for each connection, since `previous` remembers."""
    before = b''

    def reply(line):
        nonlocal before
        answer = before + line
        before = line
        return answer

    return reply if protocol == 'previous' else lambda line: line


class LineSession:
    """Frames lines: the reply is what receive* and then end return."""

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
