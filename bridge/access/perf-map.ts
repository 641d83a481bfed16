/**
 * Names of code that a program makes for itself, Java or Node say: where it writes them down for perf, in
 * /tmp/perf-PID.map, each line `START SIZE NAME` with numbers in hexadecimal (Linux, tools/perf/Documentation/
 * jit-interface.txt).
 */
import { openNamed } from '../ground/foreign-files.js'
import { toPrintable } from '../ground/printable.js'

export interface PerfMap {
  nameOf(address: bigint): string | undefined
}

/** Bytes of a map that are read; what is behind has no names. */
const mostBytes = 16 << 20

/** Whoever is told of code anew in the same place counts, so the last line does. */
export async function readPerfMap(pid: number): Promise<PerfMap> {
  const lines = (await readText(`/tmp/perf-${pid}.map`)).split('\n')
  const named = lines.flatMap((line) => {
    const [, start, size, name = ''] = /^(?:0x)?([0-9a-f]+) (?:0x)?([0-9a-f]+) (.+)$/i.exec(line) ?? []
    return start ? [{ start: BigInt(`0x${start}`), size: BigInt(`0x${size}`), name: toPrintable(name, 256) }] : []
  })
  return {
    nameOf: (address) => named.findLast(({ start, size }) => start <= address && address < start + size)?.name,
  }
}

async function readText(path: string): Promise<string> {
  try {
    await using file = await openNamed(path)
    const bytes = Buffer.alloc(Math.min((await file.stat()).size, mostBytes))
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    return bytes.toString('utf8', 0, bytesRead)
  } catch {
    return ''
  }
}
