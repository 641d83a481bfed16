/** A gRPC server that speaks the real wire of a bridge, and says what no bridge would. */
import { Metadata, Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js'
import { onTestFinished } from 'vitest'
import { agentService } from '../../bridge/control/services.js'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- messages of the wire, right ones and wrong ones
type Message = any

export interface Lies {
  /** The reply to WatchBegin. */
  place?: object
  /** Sent when the launcher mirrors, before its WatchSync is answered. */
  replies?: object[]
  /** Fields of the reply to Attach. */
  attach?: object
  /** Ends the call to Watch with this, in place of a first answer. */
  refusal?: { code: number; details: string }
  /**
   * Of the requests of Watch (`begin`, `sync`), it leaves these unanswered, from the one of that number on; 1 is the
   * first.
   */
  leaves?: Record<string, number>
  /** Tells nobody that a host has come. */
  hidesCheckIns?: boolean
  /** Its first beats, as many as this, say that it moves memory; only then it answers `sync`. */
  moves?: number
  /** Attach is never answered. */
  leavesAttach?: boolean
  /** What it says to an access, but for its number; nothing if absent. */
  completion?(access: Message): object
}

export const goodPlace = {
  directory: '/nonexistent',
  sockets: ['clock'],
  memories: [{ name: '1.memory', size: '4096' }],
}

/** Resolves with its address. It goes away with the test. */
export async function startHostileBridge({
  place = goodPlace,
  replies = [],
  attach = {},
  refusal,
  leaves = {},
  hidesCheckIns = false,
  moves = 0,
  leavesAttach = false,
  completion,
}: Lies): Promise<string> {
  const server = new Server()
  let beats = 0
  let isOwed = false
  let watching: ServerDuplexStream<Message, Message> | undefined
  const answers: Record<string, (call: ServerDuplexStream<Message, Message>) => void> = {
    begin: (call) => (refusal ? call.emit('error', refusal) : call.write({ place })),
    mirror: (call) => replies.forEach((reply) => call.write(reply)),
    sync: (call) => (beats < moves ? (isOwed = true) : call.write({ sync: {} })),
    beat: (call) => {
      const movesMemory = ++beats < moves
      call.write({ beat: { movesMemory } })
      if (movesMemory || !isOwed) return
      isOwed = false
      call.write({ sync: {} })
    },
    leave: (call) => call.end(),
  }
  server.addService(agentService, {
    attach: ({ request }: Message, reply: (error: null, message: object) => void) => {
      if (!hidesCheckIns) watching?.write({ checkIn: { pid: request.pid } })
      if (leavesAttach) return
      reply(null, { session: '7', devices: [], clockSocket: 'clock', virtualTime: false, epochNs: '0', ...attach })
    },
    transact: (call: ServerDuplexStream<Message, Message>) => {
      call.sendMetadata(new Metadata())
      const answer = (access: Message) => completion && call.write({ seq: access.seq, ...completion(access) })
      call.on('data', answer).on('end', () => call.end())
    },
    watch: (call: ServerDuplexStream<Message, Message>) => {
      watching = call
      call.on('error', () => undefined).on('end', () => call.end())
      const asked: Record<string, number> = {}
      call.on('data', ({ body }: { body: string }) => {
        asked[body] = (asked[body] ?? 0) + 1
        if (asked[body] < (leaves[body] ?? Infinity)) answers[body]?.(call)
      })
    },
  })
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  )
  onTestFinished(() => server.forceShutdown())
  return `127.0.0.1:${port}`
}
