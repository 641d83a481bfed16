/**
 * How long accesses take, in constant memory: a histogram with 32 buckets per doubling, so that
 * a quantile is off by at most 2.2 %.
 */
const bucketsPerDoubling = 32
const smallestUs = 0.1
const bucketCount = bucketsPerDoubling * 40

export class Latency {
  readonly #buckets = new Uint32Array(bucketCount)
  #count = 0

  record(us: number): void {
    const bucket = Math.floor(Math.log2(Math.max(us, smallestUs) / smallestUs) * bucketsPerDoubling)
    const index = Math.min(bucket, bucketCount - 1)
    this.#buckets[index] = (this.#buckets[index] ?? 0) + 1
    this.#count++
  }

  /** Microseconds that a share of all accesses (0.5: the median) stayed under; undefined if there were none. */
  quantile(share: number): number | undefined {
    let left = share * this.#count
    const bucket = this.#buckets.findIndex((entries) => (left -= entries) <= 0 && entries > 0)
    return bucket < 0 ? undefined : smallestUs * 2 ** ((bucket + 0.5) / bucketsPerDoubling)
  }
}
