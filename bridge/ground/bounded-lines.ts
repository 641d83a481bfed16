/** Lines out of a stream of bytes that its writer may never end: memory for one line is all that they take. */
import { longestLine, toCutLine } from './visible.js'

const lineFeed = 0x0a
const carriageReturn = 0x0d

export class BoundedLines {
  #parts: Buffer[] = []
  #bytes = 0
  /** What follows of the line is dropped. */
  #isCut = false

  /** Called once per line, without its end; at once for one that is too long, with a word that says so. */
  constructor(private readonly onLine: (line: string) => void) {}

  take(chunk: Buffer): void {
    let begin = 0
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, begin)) {
      this.#add(chunk.subarray(begin, end))
      this.#endLine()
      begin = end + 1
    }
    this.#add(chunk.subarray(begin))
  }

  /** A last line need not be ended. */
  end(): void {
    if (this.#bytes > 0 || this.#isCut) this.#endLine()
  }

  #add(bytes: Buffer): void {
    if (this.#isCut || bytes.length === 0) return
    const room = longestLine - this.#bytes
    // A copy: a view would keep all of the chunk.
    this.#parts.push(Buffer.from(bytes.subarray(0, room)))
    this.#bytes += Math.min(bytes.length, room)
    if (bytes.length <= room) return
    // Half of a character at the cut is none.
    const start = this.#takeText().replace(/\ufffd+$/, '')
    this.#isCut = true
    this.onLine(toCutLine(start))
  }

  #endLine(): void {
    if (!this.#isCut) this.onLine(this.#takeText())
    this.#isCut = false
  }

  #takeText(): string {
    const bytes = Buffer.concat(this.#parts)
    this.#parts = []
    this.#bytes = 0
    return bytes.toString('utf8', 0, bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length)
  }
}
