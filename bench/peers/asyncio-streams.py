"""The original that the model `async-await` re-creates: asyncio's streams, on its loop or uvloop.

A task waits at every await, and the event loop in epoll_wait. drain waits while more than 64 KiB
are unsent: that is the back pressure. Both loops set TCP_NODELAY by themselves.

asyncio's loop asks recv for 256 KiB. glibc's malloc maps this memory and unmaps it again, in three
system calls for every message, which are most of the cost of a message. Nothing is changed here,
since users of asyncio meet the same; MALLOC_MMAP_THRESHOLD_ and MALLOC_TRIM_THRESHOLD_, both
4000000, in the environment avoid these calls.
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
        pass  # the client has vanished: only its own task ends
    finally:
        writer.close()


async def serve():
    server = await asyncio.start_server(handle, '127.0.0.1', arguments.port, backlog=1024)
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
