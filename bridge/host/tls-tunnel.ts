/**
 * The agent speaks plain HTTP/2. Where the bridge wants TLS, the launcher carries its connections: each one to a socket
 * of the run directory here becomes one by TLS there.
 */
import { createServer, isIP, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { connect, type TLSSocket } from 'node:tls'
import { listenAt } from '../ground/listen.js'
import { toEndpoint, type Address } from '../control/address.js'
import { checkBridge } from '../control/control-client.js'
import { keepAlive } from '../control/lost-peers.js'
import { tlsLimits, type TlsIdentity } from '../control/tls-files.js'
import { bridgeSocket } from '../run/layout.js'

export interface TlsTunnelSettings {
  address: Address
  tls: TlsIdentity
  /** Run directory of the hosts here. */
  directory: string
}

/** Resolves when the bridge has let us in once. Throws why it has not. */
export async function openTlsTunnel(settings: TlsTunnelSettings): Promise<TlsTunnel> {
  await checkBridge(settings.address, () => dial(settings))
  const tunnel = new TlsTunnel(settings)
  await tunnel.listen()
  return tunnel
}

export class TlsTunnel implements Disposable {
  readonly #path: string
  readonly #server: Server
  readonly #open = new Set<Socket>()

  constructor(private readonly settings: TlsTunnelSettings) {
    this.#path = join(settings.directory, bridgeSocket)
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#carry(socket))
  }

  /** For agents. */
  get address(): Address {
    return `unix:${this.#path}`
  }

  async listen(): Promise<void> {
    await listenAt(this.#server, this.#path)
  }

  [Symbol.dispose](): void {
    this.#server.close()
    for (const socket of this.#open) socket.destroy()
  }

  #carry(near: Socket): void {
    this.#open.add(near)
    const far = dial(this.settings)
    // Whatever ends one of them ends the other; the agent says what that means to its host.
    pipeline(near, far, near, () => this.#open.delete(near))
  }
}

function dial({ address, tls }: TlsTunnelSettings): TLSSocket {
  const endpoint = toEndpoint(address, '--bridge')
  const host = 'host' in endpoint ? endpoint.host : ''
  const socket = connect({
    ...endpoint,
    ...tls,
    ...tlsLimits,
    ...keepAlive,
    servername: isIP(host) ? undefined : host,
    ALPNProtocols: ['h2'],
  })
  return socket.setNoDelay(true)
}
