/**
 * What bridge and launcher say to each other over `AgentService.Watch` (proto/trapline/v1/agent.proto), as proto-loader
 * has it.
 */
export interface SocketBytes {
  connection: number
  name?: string
  data?: Buffer
  end?: boolean
}

export interface MemoryAccess {
  id: number
  name: string
  position: string
  size: number
  data: Buffer
}

export interface WatchRequest {
  body: 'begin' | 'mirror' | 'socket' | 'memory' | 'sync' | 'beat' | 'leave'
  begin: { protocolVersion: number; token: string; proof: string }
  socket: Required<SocketBytes>
  memory: { id: number; data: Buffer }
}

export interface WatchReply {
  place?: { directory: string; sockets: string[]; memories: { name: string; size: string }[] }
  checkIn?: { pid: number; pidNamespace?: string }
  file?: { path: string; contents: Buffer; link?: string }
  socket?: SocketBytes
  memory?: MemoryAccess
  sync?: object
  beat?: { movesMemory?: boolean }
}
