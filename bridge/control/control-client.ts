/** The little that the command line asks of a bridge that runs elsewhere. */
import { Client, credentials } from '@grpc/grpc-js'
import { TraplineError } from '../errors.js'
import type { Address } from './address.js'

const deadlineMs = 5_000

/** Resolves if a bridge answers at the address. */
export function checkBridge(address: Address): Promise<void> {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 })
  return new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + deadlineMs, (cause) => {
      client.close()
      if (!cause) return resolve()
      reject(
        new TraplineError('bridge', `no bridge answers at ${address}; start one with \`trapline serve\``, { cause }),
      )
    })
  })
}
