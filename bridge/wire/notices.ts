/** Messages of `proto/trapline/v1/notice.proto`: what a host tells of waiting, sleeping and its interrupts. */
import { frame, FrameReader, largestNotice } from './framing.js'
import { messages, plainObjects } from './protobuf.js'

const noticeType = messages.lookupType('trapline.v1.Notice')
const replyType = messages.lookupType('trapline.v1.ClockReply')

const bigFields = ['timeoutNs', 'durationNs', 'nextPs', 'realNs', 'offset', 'size']

export interface Wait {
  /** 0 for ever. */
  timeoutNs: bigint
  tid: string
  pid: number
}

export interface Sleep {
  durationNs: bigint
  untilInterrupt: boolean
  tid: string
  pid: number
  /** The thread waits for something else, too, and may go on before it is answered. */
  endsOtherwise: boolean
}

/** The timers of a process. */
export interface Timers {
  pid: number
  /** 0 for none. */
  nextPs: bigint
  /** Until the last expiry by real clocks; 0 for none. */
  realNs: bigint
}

/** A thread polls memory. */
export interface Look {
  /** 0 for any memory. */
  device: number
  /** Bytes from the start of the memory. */
  offset: bigint
  size: bigint
  /** The most cycles of the fastest model that may pass. */
  cycles: number
  /** Whether the thread does nothing else by which its loop could end. */
  isEndless: boolean
  tid: string
  pid: number
}

export type Notice =
  | { body: 'wait'; wait: Wait }
  | { body: 'waitEnd'; waitEnd: { tid: string } }
  | { body: 'sleep'; sleep: Sleep }
  | { body: 'look'; look: Look }
  | { body: 'timers'; timers: Timers }
  | { body: 'timerWait'; timerWait: { tid: string; pid: number } }
  | { body: 'interruptControl'; interruptControl: { unmask: boolean; device: number } }

export interface ClockReply {
  timePs: bigint
  /** Answered early. */
  interrupted: boolean
  /** Since a Sleep began. */
  passedPs?: bigint
}

/** Cuts what a connection brings into notices. Throws when the bytes make none. */
export class NoticeReader {
  readonly #frames = new FrameReader(largestNotice)

  read(chunk: Buffer): Notice[] {
    const notices: Notice[] = []
    this.#frames.add(chunk)
    for (let bytes = this.#frames.next(); bytes; bytes = this.#frames.next()) notices.push(decodeNotice(bytes))
    return notices
  }
}

function decodeNotice(bytes: Buffer): Notice {
  const plain = noticeType.toObject(noticeType.decode(bytes), plainObjects)
  const body = plain.body as Notice['body'] | undefined
  if (!body) throw new RangeError('a notice that says nothing')
  const fields = plain[body] as Record<string, string | number | boolean>
  for (const key of bigFields) if (key in fields) fields[key] = BigInt(fields[key] ?? 0) as never
  return { body, [body]: fields } as unknown as Notice
}

/** The message with its length in front. */
export function encodeClockReply({ timePs, interrupted, passedPs = 0n }: ClockReply): Buffer {
  const fields = { timePs: String(timePs), interrupted, passedPs: String(passedPs) }
  return frame(replyType.encode(replyType.fromObject(fields)).finish())
}
