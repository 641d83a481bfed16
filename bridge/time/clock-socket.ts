/**
 * The socket by which hosts let time pass and control interrupts: a request per connection, answered when it has been
 * carried out (proto/trapline/v1/notice.proto).
 */
import { createServer, type Socket } from 'node:net'
import { listenAt } from '../ground/listen.js'
import type { Log } from '../ground/log.js'
import { toMessage } from '../ground/errors.js'
import { encodeClockReply, NoticeReader, type ClockReply, type Look, type Notice } from '../wire/notices.js'
import type { SimulationClock } from './simulation-clock.js'

export interface ClockSocketSettings {
  path: string
  clock: SimulationClock
  /** Masks or unmasks the interrupt of the device with that handle. */
  controlInterrupt(device: number, unmask: boolean): Promise<void>
  /** Lets time pass for a host that polls memory. */
  lookOut(look: Look, gone: AbortSignal): Promise<ClockReply>
  log: Log
}

/** Listens until it is closed. */
export async function serveClock(settings: ClockSocketSettings): Promise<{ close(): void }> {
  const server = createServer((connection) => serve(connection, settings))
  await listenAt(server, settings.path)
  return { close: () => void server.close() }
}

function serve(connection: Socket, settings: ClockSocketSettings): void {
  const gone = new AbortController()
  const reader = new NoticeReader()
  connection.on('error', () => undefined)
  connection.on('close', () => gone.abort())
  const refuse = (problem: string) => {
    settings.log.warn(`${problem}; its connection is closed`)
    connection.destroy()
  }
  let requests = 0
  connection.on('data', (chunk) => {
    let notices: Notice[]
    try {
      notices = reader.read(chunk)
    } catch (error) {
      return refuse(`a host's request for time can't be read (${toMessage(error)})`)
    }
    requests += notices.length
    if (requests > 1) return refuse('a host asks for time more than once on one connection')
    for (const notice of notices)
      // A model that ends meanwhile has no time to tell; the host sees the end of the connection.
      answer(connection, notice, settings, gone.signal).catch(() => connection.destroy())
  })
}

async function answer(
  connection: Socket,
  notice: Notice,
  settings: ClockSocketSettings,
  gone: AbortSignal,
): Promise<void> {
  connection.end(encodeClockReply(await carryOut(notice, settings, gone)))
}

async function carryOut(notice: Notice, settings: ClockSocketSettings, gone: AbortSignal): Promise<ClockReply> {
  const { clock, controlInterrupt, lookOut } = settings
  if (notice.body === 'sleep') return clock.pass(notice.sleep, gone)
  if (notice.body === 'look') return lookOut(notice.look, gone)
  if (notice.body === 'timerWait') return clock.untilTimer(notice.timerWait, gone)
  if (notice.body === 'timers') return clock.setTimers(notice.timers)
  if (notice.body === 'interruptControl')
    await controlInterrupt(notice.interruptControl.device, notice.interruptControl.unmask)
  return clock.now()
}
