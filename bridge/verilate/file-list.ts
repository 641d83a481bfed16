/**
 * The text of a file list (`.f`) as words with their lines. Pure: what the words mean is `expand-sources.ts`.
 *
 * As simulators have it: words between blanks; `"…"` holds blanks together, a backslash takes the next character as it
 * is; comments are `//` and `#` to the end of the line and `/* … *\/`, each at the start of a word; `$NAME`, `${NAME}`
 * and `$(NAME)` are variables of the environment.
 */

export interface ListWord {
  text: string
  /** Counts from 1. */
  line: number
}

/** What is wrong with a list, at a line of it. */
export class ListFault extends Error {
  constructor(
    readonly line: number,
    readonly problem: string,
  ) {
    super(problem)
  }
}

/** A comment, a line's end, blanks, or a word. */
const piece =
  /\/\/[^\n]*|#[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\\?\n|[^\S\n]+|(?:"(?:\\[\s\S]|[^"\\])*"|\\[^\n]|[^\s"\\])+|[\s\S]/g

/** Throws a ListFault. */
export function toWords(list: string): ListWord[] {
  const words: ListWord[] = []
  let line = 1
  for (const [text] of list
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .matchAll(piece)) {
    if (text === '"') throw new ListFault(line, 'a quotation mark is never closed')
    if (text.startsWith('/*') && !text.endsWith('*/')) throw new ListFault(line, 'a comment is never closed')
    if (!/^(\/\/|\/\*|#|\s|\\\n|\\$)/.test(text)) words.push({ text: toText(text, line), line })
    line += text.split('\n').length - 1
  }
  return words
}

/** Without quotes and backslashes, with the values of variables. */
function toText(word: string, line: number): string {
  return word.replace(
    /\\([\s\S])|"|\$(?:(\w+)|\{(\w+)\}|\((\w+)\))/g,
    (_match, escaped?: string, plain?: string, braced?: string, bracketed?: string) => {
      const variable = plain ?? braced ?? bracketed
      if (variable === undefined) return escaped ?? ''
      const value = process.env[variable]
      if (value === undefined) throw new ListFault(line, `the environment variable ${variable} is not set`)
      return value
    },
  )
}
