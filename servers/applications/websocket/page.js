// Draws the numbers that the server sends. When the connection ends, it connects again.

/** How many numbers the picture shows, and how many the text below it. */
const SHOWN = 60
const TOLD = 10

/** Milliseconds before the next attempt: doubled with each that fails. */
const SHORTEST = 500
const LONGEST = 10_000

const svg = document.querySelector('svg')
const caption = document.querySelector('figcaption')
const state = document.querySelector('[role=status]')
const button = document.querySelector('button')

const numbers = []
let isPaused = false

/** The status is read out by screen readers: it is set only when it changes. */
function say(text) {
  if (state.textContent !== text) state.textContent = text
}

// The picture: 1 is at the bottom, 5 at the top, and the newest number at the right.

const across = (index) => 24 + (index * 572) / (SHOWN - 1)
const down = (y) => 230 - (y - 1) * 54

function add(name, attributes) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  return svg.appendChild(element)
}

for (let y = 1; y <= 5; y++) {
  add('line', { class: 'grid', x1: 24, x2: 596, y1: down(y), y2: down(y) })
  add('text', { x: 4, y: down(y) + 4 }).textContent = y
}
const line = add('polyline', { class: 'numbers' })

function draw() {
  const first = SHOWN - numbers.length
  line.setAttribute('points', numbers.map((y, i) => `${across(first + i)},${down(y)}`).join(' '))
  caption.textContent = `The last numbers, the newest first: ${numbers.slice(-TOLD).reverse().join(', ')}.`
}

function take({ y }) {
  numbers.push(y)
  if (numbers.length > SHOWN) numbers.shift()
  if (!isPaused) draw()
}

button.addEventListener('click', () => {
  isPaused = !isPaused
  button.textContent = isPaused ? 'Go on' : 'Pause'
  if (!isPaused) draw()
})

// The connection.

function connect(delay) {
  const address = new URL('numbers', location.href)
  address.protocol = address.protocol.replace('http', 'ws')
  const socket = new WebSocket(address)
  let next = Math.min(2 * delay, LONGEST)
  socket.addEventListener('open', () => {
    next = SHORTEST
    say('Connected.')
  })
  socket.addEventListener('message', ({ data }) => take(JSON.parse(data)))
  socket.addEventListener('close', () => {
    say('The connection has ended. This page tries to connect again.')
    // All clients of a server that has ended would come back at the same moment.
    setTimeout(() => connect(next), next * (0.5 + Math.random() / 2))
  })
}

connect(SHORTEST)
