"""The original that the model `reactor` re-creates: Twisted, with its default reactor.

The server waits in epoll_wait, in reactor.run. While more than 64 KiB are unsent, the transport
pauses its registered producer, which stops reading: that is the back pressure.
"""
from twisted.internet import reactor
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Factory, Protocol
from twisted.protocols.basic import LineReceiver
from zope.interface import implementer

from echo import PARSER, ready, reply_rule


@implementer(IHalfCloseableProtocol)
class HalfCloseable:
    """At the FIN of the peer, sends what is owed, and then closes."""

    def readConnectionLost(self):
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    def writeConnectionLost(self):
        pass


class EchoBytes(HalfCloseable, Protocol):
    def connectionMade(self):
        self.transport.setTcpNoDelay(True)
        self.transport.registerProducer(self.transport, True)

    def dataReceived(self, data):
        self.transport.write(data)


class EchoLines(HalfCloseable, LineReceiver):
    delimiter = b'\n'

    def connectionMade(self):
        self.transport.setTcpNoDelay(True)
        self.transport.registerProducer(self, True)
        self.reply = reply_rule(protocol)

    def lineReceived(self, line):
        self.transport.write(self.reply(line + b'\n'))

    def readConnectionLost(self):
        rest = self.clearLineBuffer()
        if rest:
            self.transport.write(self.reply(rest))
        super().readConnectionLost()


arguments = PARSER.parse_args()
protocol = arguments.protocol
factory = Factory.forProtocol(EchoBytes if protocol == 'raw' else EchoLines)
port = reactor.listenTCP(arguments.port, factory, backlog=1024, interface='127.0.0.1')
address = port.getHost()
ready((address.host, address.port))
reactor.run()
