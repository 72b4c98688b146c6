/**
 * What a drawing is made of. Every model is drawn with the same few parts, so that two drawings
 * differ only where two architectures do. All lengths are units of the drawing: at its natural
 * size, and on a phone, a unit is a pixel.
 */

/** Every drawing is this wide: a phone shows it at its natural size. */
export const WIDTH = 350

/** Text with code in backticks: "the loop calls `handleRead`". Code must occur in the model. */
export type Words = string

/** A row of text in a box, with what belongs to it. */
export interface Line {
  readonly words: Words
  /** Something sleeps here: the whole thread, or this function alone while the thread goes on. */
  readonly waits?: 'thread' | 'function'
  /** A queue after the words, a character for each cell: `.` is empty, `#` is full, or a letter. */
  readonly cells?: string
  /** How many loops the line is in, beyond those of the whole box. */
  readonly depth?: number
}

export interface Box {
  readonly kind: 'box'
  readonly id: string
  /** What the description calls it, with its article. */
  readonly name: Words
  /** `yours` is what a program's author writes; `given` is the framework, a library or Node. */
  readonly whose: 'yours' | 'given' | 'kernel'
  readonly at: readonly [x: number, y: number, width: number]
  readonly title?: Words
  /** It is a thread of its own. */
  readonly isThread?: boolean
  /** Its lines run again and again. */
  readonly isLoop?: boolean
  readonly lines: readonly Line[]
  /** There is one for each connection: drawn as a stack. */
  readonly isStack?: boolean
  /** Jumps back, from a line to an earlier one, the innermost first. */
  readonly jumps?: readonly (readonly [from: number, to: number])[]
}

/** A thread or a process: what is inside runs in it. */
export interface Frame {
  readonly kind: 'thread' | 'process'
  readonly id: string
  readonly name: Words
  readonly title: Words
  readonly at: readonly [x: number, y: number, width: number, height: number]
}

/** The ground of every drawing: what is in this strip belongs to the kernel. */
export interface Band {
  readonly kind: 'band'
  readonly id: string
  readonly name: Words
  readonly at: readonly [y: number, height: number]
  /** Where the word "kernel" begins. */
  readonly wordAt: number
}

/** Things of one kind, side by side. */
export interface Group {
  readonly kind: 'group'
  readonly id: string
  readonly name: Words
  readonly title: Words
  readonly at: readonly [x: number, y: number, width: number, height: number]
}

/** A socket in the kernel, or a client: its letter says which belong together. */
export interface End {
  readonly kind: 'socket' | 'client'
  readonly id: string
  readonly name: Words
  readonly letter: string
  /** The middle of it. */
  readonly at: readonly [x: number, y: number]
}

/** A queue whose end is its beginning. */
export interface Ring {
  readonly kind: 'ring'
  readonly id: string
  readonly name: Words
  readonly at: readonly [x: number, y: number, radius: number]
  /** A character for each cell, as in a Line. The first cell is at the top; clockwise. */
  readonly cells: string
}

/** Words that stand by themselves. */
export interface Note {
  readonly kind: 'note'
  readonly id: string
  readonly name: Words
  readonly words: Words
  readonly at: readonly [x: number, y: number]
  readonly align?: Align
}

export type Part = Box | Frame | Band | Group | End | Ring | Note

export type Align = 'start' | 'middle' | 'end'

/**
 * An end of an arrow: a part and a side of it, and perhaps where on that side, or on which line:
 * `listener:top`, `sockets:top@120`, `loop/1:left`.
 */
export type Anchor = string

export interface Arrow {
  readonly kind: 'calls' | 'wakes' | 'switches' | 'bytes'
  readonly from: Anchor
  readonly to: Anchor
  /** Where an arrow between two parallel sides turns: an x between left and right, else a y. */
  readonly bend?: number
  readonly label?: Words
  readonly labelAt?: readonly [x: number, y: number, align?: Align]
  /** What the first part does to the second, for the description: "hands a client to the desk". */
  readonly says?: Words
}

/** One wait for many things: whatever comes from any of them ends the wait. */
export interface Net {
  readonly to: Anchor
  readonly from: readonly Anchor[]
  /** The x of the line that goes up to the wait, and the y of the one that the sources meet. */
  readonly trunk: number
  readonly y: number
  /** What happens to the news, for the description: "wakes the loop", unless it is said here. */
  readonly says?: Words
}

export interface Drawing {
  readonly model: string
  /** What there is to see, in a sentence or two: for places that have no room for more. */
  readonly sentence: Words
  readonly height: number
  readonly parts: readonly Part[]
  readonly arrows: readonly Arrow[]
  readonly nets: readonly Net[]
}
