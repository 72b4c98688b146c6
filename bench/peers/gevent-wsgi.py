"""The original of pywsgi: gevent's WSGI server, with the smallest application.

It replies to any request with the path and a newline, as wsgi.ts does. Prints
`listening 127.0.0.1:PORT`.
"""
from gevent.pywsgi import WSGIServer

from echo import ready


def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [environ['PATH_INFO'].encode('latin-1') + b'\n']


server = WSGIServer(('127.0.0.1', 0), application, backlog=1024, log=None)
server.start()
ready(server.address)
server.serve_forever()
