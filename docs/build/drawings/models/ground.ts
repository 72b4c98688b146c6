/** What lies below every model: the kernel, with the sockets that it keeps, and the clients. */
import { type Arrow, type Drawing, type Part, WIDTH } from '../parts.ts'
import { CLIENT_RADIUS } from '../places.ts'

/** Where the sockets of three clients are. */
const COLUMNS = [160, 232, 304] as const

/** A client, and where it and its socket are. */
type Placed = readonly [letter: string, x: number]

export interface Ground {
  /** Where the kernel begins. */
  readonly y: number
  /** More room in the kernel, above its sockets. */
  readonly extra?: number
  /** The backlog of the listener: the clients in it, and dots for empty places. */
  readonly backlog?: string
  /** The clients that have been accepted, and where they are. */
  readonly clients?: readonly Placed[]
  /** The sockets are watched, or used, all at once: they are shown as a group. */
  readonly isGrouped?: boolean
  /** Where the words "kernel" and "clients" begin. */
  readonly wordsAt?: readonly [kernel: number, clients: number]
}

const ABC: readonly Placed[] = [
  ['A', COLUMNS[0]],
  ['B', COLUMNS[1]],
  ['C', COLUMNS[2]],
]

type Above = Omit<Drawing, 'height' | 'nets'> & Partial<Pick<Drawing, 'nets'>>

/** The drawing of what stands on this ground. */
export function onGround(ground: Ground, above: Above): Drawing {
  const { y, extra = 0, clients = ABC, backlog = 'D..' } = ground
  const top = y + extra
  const atDoor = placeAtDoor([...backlog].filter((cell) => cell !== '.'))
  const parts = [
    ...kernelParts(ground, top),
    ...clients.map(([letter, x]) => socket(letter, x, top + 51)),
    ...atDoor.map(([letter, x]) => client('a new client', letter, x, top + 108)),
    ...clients.map(([letter, x]) => client('a client', letter, x, top + 108)),
  ]
  const arrows = [
    ...atDoor.map(([letter, x]) => arrives(letter, x)),
    ...clients.flatMap(([letter, x]) => bytes(letter, x)),
  ]
  return {
    nets: [],
    ...above,
    height: top + 108 + CLIENT_RADIUS,
    parts: [...parts, ...above.parts],
    arrows: [...above.arrows, ...arrows],
  }
}

/** Below the listener, side by side. */
function placeAtDoor(letters: readonly string[]): Placed[] {
  return letters.map((letter, i) => [letter, 56 + 28 * (i - (letters.length - 1) / 2)])
}

function kernelParts({ y, backlog = 'D..', isGrouped, wordsAt }: Ground, top: number): Part[] {
  const [kernelAt, clientsAt] = wordsAt ?? [250, 88]
  return [
    { kind: 'band', id: 'kernel', name: 'the kernel', at: [y, top - y + 82], wordAt: kernelAt },
    listener(top, backlog),
    ...(isGrouped ? [group(top)] : []),
    note(clientsAt, top + 112),
  ]
}

function listener(top: number, backlog: string): Part {
  const lines = [{ words: 'listener' }, { words: 'backlog', cells: backlog }]
  const at = [6, top + 22, 100] as const
  return { kind: 'box', id: 'listener', name: 'the listener', whose: 'kernel', at, lines }
}

function group(top: number): Part {
  const at = [118, top + 22, WIDTH - 124, 44] as const
  return { kind: 'group', id: 'sockets', name: 'the sockets', title: 'sockets', at }
}

function socket(letter: string, x: number, y: number): Part {
  const name = 'the socket of a client'
  return { kind: 'socket', id: `socket-${letter}`, name, letter, at: [x, y] }
}

function client(name: string, letter: string, x: number, y: number): Part {
  return { kind: 'client', id: `client-${letter}`, name, letter, at: [x, y] }
}

function note(x: number, y: number): Part {
  return { kind: 'note', id: 'clients', name: 'the clients', words: 'clients', at: [x, y] }
}

function arrives(letter: string, x: number): Arrow {
  const says = 'waits in the backlog of the listener'
  return { kind: 'bytes', from: `client-${letter}:top@${x}`, to: 'listener:bottom', says }
}

/** There and back, side by side. */
function bytes(letter: string, x: number): Arrow[] {
  const [inside, outside] = [`socket-${letter}:bottom`, `client-${letter}:top`]
  const [up, down] = [x - 4, x + 4]
  return [
    { kind: 'bytes', from: `${outside}@${up}`, to: `${inside}@${up}`, says: SENT },
    { kind: 'bytes', from: `${inside}@${down}`, to: `${outside}@${down}`, says: REPLIED },
  ]
}

const SENT = 'sends its bytes to its socket'
const REPLIED = 'sends the reply to the client'
