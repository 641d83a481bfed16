/**
 * Connections whose other end is gone without a word: three ways in which that stays unnoticed, and how it does not.
 * Slow is not gone: it is the kernel that says so.
 */
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'

/**
 * While nothing is under way, TCP asks the other end after 10 s whether it is there, and then once a second, ten times.
 */
export const keepAlive = { keepAlive: true, keepAliveInitialDelay: 10_000 }
const checkMs = 2_000
/** How often the kernel sends again what got no answer. It waits twice as long each time: 13 s at least. */
const mostRepeats = 6

/** Calls `onLost` for those that the kernel gets no answer from. Returns how to look no more. */
export function watchPeers(connections: ReadonlySet<Socket>, onLost: (socket: Socket) => void): () => void {
  const check = () => {
    const remote = [...connections].filter(({ remotePort }) => remotePort !== undefined)
    const lost = remote.length > 0 ? portsWithoutAnswer() : new Set<string>()
    for (const socket of remote) if (lost.has(toKey(socket))) onLost(socket)
  }
  const timer = setInterval(check, checkMs).unref()
  return () => clearInterval(timer)
}

/** TCP's keepalive has given up. */
export function isLoss(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ETIMEDOUT'
}

/**
 * Node reads no more from whoever has broken HTTP/2, and then does not see its connection end. A write of nothing sends
 * nothing, and fails if nobody is there to take it.
 */
export function noticeEnd(socket: Socket): void {
  const look = () => socket.writable && socket.write('', (error) => error ?? noticeEnd(socket))
  setTimeout(look, checkMs).unref()
}

/**
 * Both ports of connections on which what was sent is repeated in vain (proc_net_tcp(5)). Two machines may have the
 * same port; then neither is lost before both are.
 */
function portsWithoutAnswer(): Set<string> {
  const lost = new Set<string>()
  const answered = new Set<string>()
  for (const line of ['tcp', 'tcp6'].flatMap(readConnections)) {
    const [, local = '', remote = '', , , , repeats = '0'] = line.trim().split(/\s+/)
    const key = toKey({ localPort: toPort(local), remotePort: toPort(remote) })
    if (parseInt(repeats, 16) >= mostRepeats) lost.add(key)
    else answered.add(key)
  }
  return new Set([...lost].filter((key) => !answered.has(key)))
}

function readConnections(table: string): string[] {
  try {
    return readFileSync(`/proc/net/${table}`, 'latin1').trim().split('\n').slice(1)
  } catch {
    return [] // no IPv6
  }
}

/** `0100007F:C350` */
function toPort(address: string): number {
  return parseInt(address.slice(address.lastIndexOf(':') + 1), 16)
}

function toKey({ localPort, remotePort }: Pick<Socket, 'localPort' | 'remotePort'>): string {
  return `${localPort} ${remotePort}`
}
