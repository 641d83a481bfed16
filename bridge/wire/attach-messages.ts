/** What a process is told at `Attach` (proto/trapline/v1/agent.proto), as proto-loader has it. */
export interface DeviceMessage {
  handle: number
  name: string
  kind: string
  path: string
  base: string
  size: string
  onError: string
  widthBytes: number
  burstBytes: number
  stringBytes?: number
  posted?: boolean
  /** The socket behind a UIO device. */
  socket?: string
  hasInterrupt?: boolean
  /** The file that holds the memory. */
  backing?: string
  /** The file of mailboxes by which accesses may go. */
  lane?: string
  /** Whether it is a real device, and where that begins in its file. */
  hardware?: boolean
  hardwareOffset?: string
}

/** How hosts are told the time. */
export interface TimeMessage {
  clockSocket: string
  virtualTime: boolean
  epochNs: string
}
