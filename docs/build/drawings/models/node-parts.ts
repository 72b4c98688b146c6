/** What the models on Node have in common: its event loop, and its sockets above the kernel's. */
import type { Arrow, Part, Words } from '../parts.ts'

/** @param title what the loop is called in this model */
export function nodeLoop(y: number, title: Words = "Node's event loop"): Part {
  return {
    kind: 'box',
    id: 'loop',
    name: "Node's event loop",
    whose: 'given',
    at: [54, y, 146],
    title,
    isLoop: true,
    lines: [{ words: 'waits for all', waits: 'thread' }, { words: 'calls back' }],
  }
}

export function nodeSocket(y: number): Part {
  return {
    kind: 'box',
    id: 'socket',
    name: "Node's socket",
    whose: 'given',
    at: [226, y, 102],
    title: '`Socket`',
    isStack: true,
    lines: [{ words: 'unsent', cells: '##..' }],
  }
}

/** @param ground where the kernel begins */
export function nodeArrows(ground: number): Arrow[] {
  return [
    {
      kind: 'calls',
      from: 'loop/1:right',
      to: 'socket:left',
      says: "calls Node's socket when there is something to read or room to write",
    },
    {
      kind: 'calls',
      from: 'socket:bottom@318',
      to: 'sockets:top',
      label: 'reads, writes',
      labelAt: [312, ground + 16, 'end'],
      says: 'reads from the sockets and writes to them',
    },
  ]
}
