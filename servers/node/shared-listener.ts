/**
 * One listener for many sockets: Node calls it with the socket as `this`. A closure for each, with
 * what it refers to, would take a hundred bytes for as long as the connection lasts, and two hundred
 * if it were added by `once`.
 */
export function sharedListener<Source>(listener: (source: Source) => void): (this: Source) => void {
  return function () {
    listener(this)
  }
}

/** For `error`: Node's `close` comes next, and finds the error in `errored`. */
export function ignored(): void {}
