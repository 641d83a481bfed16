/** Whether a program that opens this path asks for a UIO device. */
export function isUioPath(path: string): boolean {
  return /^\/dev\/uio\d+$/.test(path)
}
