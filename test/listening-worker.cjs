// A worker of a cluster that says it listens when it is given a place, and does nothing else.
process.on('message', ({ type }) => {
  const address = { family: 'IPv4', address: '127.0.0.1', port: 8881 }
  if (type === 'place') process.send({ type: 'listening', address })
})
