/** A connection of a host to one of its devices, over which it tells when a thread waits for it (notice.proto). */
import type { Socket } from 'node:net'
import { toMessage } from '../errors.js'
import type { Log } from '../log.js'
import { NoticeReader } from '../time/notices.js'
import type { Waiter } from '../time/waiting.js'

export interface WaitListener {
  log: Log
  beginWait(waiter: Waiter): void
  endWait(owner: object, tid: string): void
  endAll(owner: object): void
}

export function hearWaits(connection: Socket, device: string, { log, beginWait, endWait, endAll }: WaitListener): void {
  const reader = new NoticeReader()
  connection.on('error', () => undefined)
  connection.on('close', () => endAll(connection))
  connection.on('data', (chunk) => {
    try {
      for (const notice of reader.read(chunk)) {
        if (notice.body === 'wait') beginWait({ ...notice.wait, owner: connection, device })
        else if (notice.body === 'waitEnd') endWait(connection, notice.waitEnd.tid)
      }
    } catch (error) {
      log.warn(
        `${device}: what a host tells of its waiting can't be read (${toMessage(error)}); its connection is closed`,
      )
      connection.destroy()
    }
  })
}
