/** Asks for items again and again: each answer brings what is new, or nothing after a long wait. */
const SHOWN = 12
const list = document.querySelector('#items')
const status = document.querySelector('#status')
const pause = document.querySelector('#pause')

/** The number of the last item that is here. */
let last = 0
/** Ends the request that waits; undefined while the page is paused. */
let asking

async function ask(signal) {
  const response = await fetch(`/items?after=${last}`, { signal })
  if (!response.ok) throw new Error(`the server answers ${response.status}`)
  for (const item of await response.json()) show(item)
  say('Connected')
}

function show({ id, text, waited }) {
  last = id
  const line = document.createElement('li')
  const time = new Date(text).toLocaleTimeString()
  line.textContent = `${id}: ${time}, clients that waited: ${waited}`
  list.prepend(line)
  while (list.children.length > SHOWN) list.lastChild.remove()
}

/** A screen reader reads this out, so it changes only when there is something to say. */
function say(text) {
  if (status.textContent !== text) status.textContent = text
}

async function run(signal) {
  while (!signal.aborted) {
    try {
      await ask(signal)
    } catch (error) {
      if (signal.aborted) return
      say(`No connection, tries again: ${error.message}`)
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
  }
}

function go() {
  asking = new AbortController()
  pause.textContent = 'Pause'
  run(asking.signal)
}

pause.addEventListener('click', () => {
  if (!asking) return go()
  asking.abort()
  asking = undefined
  pause.textContent = 'Go on'
  say('Paused. What comes meanwhile is shown later')
})
go()
