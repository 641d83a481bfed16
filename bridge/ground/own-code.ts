/** Which code this is, so that what it made and kept is known by it. */

let digest: string | undefined

/** @param code digest of all of it */
export function noteOwnCode(code: string): void {
  digest = code
}

/** Undefined where it came in many files, as a library, whose digest nobody has. */
export function ownCode(): string | undefined {
  return digest
}
