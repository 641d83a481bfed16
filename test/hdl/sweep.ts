/**
 * Writes and reads a memory of 128 bytes at bus address 0, in every width at every alignment, with its neighbours as
 * guards.
 */
import { expect } from 'vitest'
import type { RunningCore } from './run-model.js'

const memoryBytes = 128

/** How many transfers of the bus that took; each access must end well, and what was written must come back. */
export async function sweep(core: RunningCore, busBytes: number): Promise<number> {
  const memory = Buffer.alloc(memoryBytes)
  let requests = 0
  const note = ({ status, beats }: { status: string; beats: number }) => {
    expect(status).toBe('OKAY')
    requests += beats
  }
  for (let at = 0; at < memoryBytes; at += busBytes) note(await core.write(at, 0, busBytes))
  let next = 1
  for (const widthBytes of [1, 2, 3, 4, 8, 16])
    for (let offset = 0; offset < 17; offset++) {
      const data = Buffer.from(Array.from({ length: widthBytes }, () => (next = (next * 75 + 74) % 65537) & 0xff))
      data.copy(memory, offset)
      note(await core.answered({ operation: 'write', offset: BigInt(offset), widthBytes, data }))
      const back = await core.read(offset, widthBytes)
      note(back)
      expect(back.data.equals(data)).toBe(true)
    }
  const all = await core.read(0, 64)
  note(all)
  expect(all.data.equals(memory.subarray(0, 64))).toBe(true)
  return requests
}
