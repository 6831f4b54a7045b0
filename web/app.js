const reply = await fetch('/v1/status')
const { version, entries } = await reply.json()
document.querySelector('#status').textContent = `dracd ${version}: ${entries} entries`
