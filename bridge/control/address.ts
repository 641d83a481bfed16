/** Where a bridge listens: how addresses are written, and which of them only this machine can reach. */
import { TraplineError } from '../ground/errors.js'
import { problemOfSocketPath } from '../ground/socket-path.js'

/** `unix:/PATH` or `HOST:PORT`; an IPv6 host stands in brackets. */
export type Address = string

export type Endpoint = { path: string } | { host: string; port: number }

const largestPort = 65_535

/** `flag` is what the user wrote before it, for the sentence about a mistake. */
export function toEndpoint(address: Address, flag: string): Endpoint {
  if (address.startsWith('unix:/')) return { path: checkedPath(address.slice('unix:'.length), flag) }
  const [, bracketed, name, port] = /^(?:\[([\da-f:.]+)\]|([^/:\s]+)):(\d+)$/i.exec(address) ?? []
  const host = bracketed ?? name
  if (host !== undefined && Number(port) <= largestPort) return { host, port: Number(port) }
  throw new TraplineError('usage', `${flag} ${address}: write it as unix:/PATH or HOST:PORT`)
}

function checkedPath(path: string, flag: string): string {
  const problem = problemOfSocketPath(path)
  if (problem !== undefined) throw new TraplineError('usage', `${flag}: ${problem}; choose a shorter one`)
  return path
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
