"""The original of async-await: asyncio's streams, on its own event loop or on uvloop's.

It waits at every await, and the loop in epoll_wait. drain waits while more than 64 KiB are unsent:
that is the back pressure. Both loops set TCP_NODELAY by themselves.

asyncio's loop asks recv for 256 KiB. glibc's malloc maps that and unmaps it again, in three system
calls for every message, and these are most of what a message costs. It is left as it is, since that
is how it is met; MALLOC_MMAP_THRESHOLD_ and MALLOC_TRIM_THRESHOLD_, both 4000000, take it away.
"""
import asyncio

from echo import PARSER, ready, reply_rule


async def echo_bytes(reader, writer):
    while chunk := await reader.read(65536):
        writer.write(chunk)
        await writer.drain()


async def echo_lines(reader, writer):
    reply = reply_rule(protocol)
    while line := await reader.readline():
        writer.write(reply(line))
        await writer.drain()


async def handle(reader, writer):
    try:
        await converse(reader, writer)
    except ConnectionError:
        pass  # it has vanished: its task ends, and no other
    finally:
        writer.close()


async def serve():
    server = await asyncio.start_server(handle, '127.0.0.1', 0, backlog=1024)
    ready(server.sockets[0].getsockname())
    await server.serve_forever()


PARSER.add_argument('--loop', choices=['asyncio', 'uvloop'], default='asyncio')
arguments = PARSER.parse_args()
protocol = arguments.protocol
converse = echo_bytes if protocol == 'raw' else echo_lines
if arguments.loop == 'uvloop':
    import uvloop

    uvloop.install()
asyncio.run(serve())
