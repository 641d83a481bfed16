/** How long the path of a UNIX socket may be. Node cuts what is longer without a word, and would use another path. */

/** `sun_path` holds 108 bytes, the closing zero among them (unix(7)). */
export const longestSocketPath = 107

/** What is wrong with it as the path of a socket; undefined if nothing is. */
export function problemOfSocketPath(path: string): string | undefined {
  const bytes = Buffer.byteLength(path)
  if (bytes <= longestSocketPath) return undefined
  return `${path} is too long a path for a socket (${bytes} of at most ${longestSocketPath} bytes)`
}
