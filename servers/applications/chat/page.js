/**
 * The page of the chat. It knows two things that make it independent of any one server: the last id
 * that it has seen, from which it goes on wherever it connects; and its own posts that no server has
 * acknowledged yet, which it sends again under the same keys.
 */
const $ = (id) => document.getElementById(id)

/** Messages that the page shows at most. */
const SHOWN = 500

/** Milliseconds before another attempt, at first and at most. */
const PAUSE = { first: 200, most: 5000 }

/** Milliseconds that a connection may take to open. */
const PATIENCE = 5000

let me = { name: '', room: '', polling: false }
/** All servers, as the last one that could be reached has named them, and the one in use. */
let servers = [location.origin]
let server = location.origin
/** The last id that this page has seen; undefined until it has been shown the newest messages. */
let after
/** Posts that are not acknowledged, the oldest first. */
const outbox = []
/** Sends the oldest post of the outbox, if there is a connection. */
let sendFirst = () => {}

$('join').addEventListener('submit', (event) => {
  event.preventDefault()
  const { name, room, polling } = event.target.elements
  me = { name: name.value.trim(), room: room.value, polling: polling.checked }
  if (me.name === '') return
  $('join').hidden = true
  $('room').hidden = false
  document.querySelector('h1').textContent = `Chat: ${me.room}`
  document.title = `Chat: ${me.room}`
  $('say').elements.text.focus()
  stay()
})

$('say').addEventListener('submit', (event) => {
  event.preventDefault()
  const { text } = event.target.elements
  if (text.value.trim() === '') return
  outbox.push({ text: text.value, key: newKey() })
  text.value = ''
  showOutbox()
  if (outbox.length === 1) sendFirst()
})

/** Connects, and connects again, to one server after the other. */
async function stay() {
  for (let pause = PAUSE.first; ; pause = Math.min(2 * pause, PAUSE.most)) {
    const wasReached = await (me.polling ? poll() : talk())
    sendFirst = () => {}
    if (wasReached) pause = PAUSE.first
    server = servers[(servers.indexOf(server) + 1) % servers.length]
    $('status').textContent = `Connection lost. Trying ${new URL(server).host} …`
    // Not all at the same moment: a server that comes back would be overrun.
    await sleep(pause * (0.5 + Math.random()))
  }
}

// Over WebSocket.

/** Resolves when the connection has ended: true if there was one. */
function talk() {
  return new Promise((resolve) => {
    const socket = new WebSocket(urlOf('socket').replace(/^http/, 'ws'))
    const late = setTimeout(() => socket.close(), PATIENCE)
    let wasReached = false
    socket.onopen = () => {
      clearTimeout(late)
      connected(() => socket.send(JSON.stringify(outbox[0])))
    }
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data)
      wasReached = true
      if (message.entries) show(message)
      else if (message.ack) acknowledged(message.ack)
      else setTimeout(() => sendFirst(), PAUSE.first)
    }
    socket.onclose = () => {
      clearTimeout(late)
      resolve(wasReached)
    }
  })
}

// Over long polling.

async function poll() {
  let wasReached = false
  try {
    for (;;) {
      const response = await fetch(urlOf('messages'))
      if (!response.ok) return wasReached
      show(await response.json())
      if (!wasReached) connected(post)
      wasReached = true
    }
  } catch {
    return wasReached
  }
}

async function post() {
  const [first] = outbox
  try {
    const headers = { 'Content-Type': 'application/json' }
    const body = JSON.stringify(first)
    const response = await fetch(urlOf('messages'), { method: 'POST', headers, body })
    if (response.ok) return acknowledged(first.key)
  } catch {
    // It may have arrived or not: the same key tells.
  }
  setTimeout(() => sendFirst(), PAUSE.first)
}

// Over either.

function urlOf(what) {
  const fields = new URLSearchParams({ name: me.name })
  if (after !== undefined) fields.set('after', after)
  return `${server}/rooms/${me.room}/${what}?${fields}`
}

function connected(send) {
  $('status').textContent = `Connected to ${new URL(server).host}`
  sendFirst = () => outbox.length > 0 && send()
  sendFirst()
}

/** One post at a time: so the posts of one person are in the log in the order of their writing. */
function acknowledged(key) {
  if (outbox[0]?.key !== key) return
  outbox.shift()
  showOutbox()
  sendFirst()
}

function show({ entries, gap, last, people, servers: all }) {
  const log = $('log')
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40
  if (gap) log.append(paragraph('Some older messages are no longer kept.'))
  log.append(...entries.map(showEntry))
  while (log.childElementCount > SHOWN) log.firstElementChild.remove()
  if (isAtEnd) log.scrollTop = log.scrollHeight
  after = last
  if (all?.length > 0) servers = all
  if (people) {
    const more = people.count > people.names.length ? ', …' : ''
    $('people').textContent = `Here: ${people.count} (${people.names.join(', ')}${more})`
  }
}

/** Names and texts are other people's: they become text, and never HTML. */
function showEntry({ id, name, text }) {
  const at = new Date(Number(id.split('-')[0]))
  const time = document.createElement('time')
  time.dateTime = at.toISOString()
  time.textContent = at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  const who = document.createElement('b')
  who.textContent = name
  return paragraph(time, ' ', who, `: ${text}`)
}

function paragraph(...content) {
  const element = document.createElement('p')
  element.append(...content)
  return element
}

function showOutbox() {
  $('sending').hidden = outbox.length === 0
  $('sending').textContent = `Sending: ${outbox.map(({ text }) => text).join(' · ')}`
}

/** `crypto.randomUUID` is missing where the page came over plain HTTP from another machine. */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join('-')
}

function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
