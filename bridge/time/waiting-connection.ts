/** A connection of a host to one of its devices, over which it tells when a thread waits for it (notice.proto). */
import type { Socket } from 'node:net'
import { toMessage } from '../ground/errors.js'
import type { Log } from '../ground/log.js'
import { NoticeReader, type Notice } from '../wire/notices.js'
import type { Waiter } from './waiting.js'

export interface WaitListener {
  log: Log
  /** False if there are too many already. */
  beginWait(waiter: Waiter): boolean
  endWait(owner: object, tid: string): void
  endAll(owner: object): void
}

export function hearWaits(connection: Socket, device: string, { log, beginWait, endWait, endAll }: WaitListener): void {
  const reader = new NoticeReader()
  connection.on('error', () => undefined)
  connection.on('close', () => endAll(connection))
  const take = (notice: Notice): boolean => {
    if (notice.body === 'wait') return beginWait({ ...notice.wait, owner: connection, device })
    if (notice.body === 'waitEnd') endWait(connection, notice.waitEnd.tid)
    return true
  }
  const refuse = (problem: string) => {
    log.warn(`${device}: ${problem}; the connection of the host is closed`)
    connection.destroy()
  }
  connection.on('data', (chunk) => {
    let notices: Notice[]
    try {
      notices = reader.read(chunk)
    } catch (error) {
      return refuse(`what a host tells of its waiting can't be read (${toMessage(error)})`)
    }
    if (!notices.every(take)) refuse('a host waits too often at once on one connection')
  })
}
