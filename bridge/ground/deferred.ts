/** A promise that is settled from outside: by whoever hears, later, what it is about. The first settlement counts. */
export class Deferred<T = void> {
  resolve!: (value: T) => void
  reject!: (error: Error) => void
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve
    this.reject = reject
  })
}
