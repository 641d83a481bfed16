/**
 * A network between a launcher and its bridge: killed, its connections die; stopped, they stall. Prints the port it
 * listens on.
 */
import { connect, createServer } from 'node:net'
import { pipeline } from 'node:stream'

const [host, port] = process.argv.slice(2)

const server = createServer({ allowHalfOpen: true }, (near) => {
  const far = connect({ host, port: Number(port), allowHalfOpen: true })
  pipeline(near, far, near, () => undefined)
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
