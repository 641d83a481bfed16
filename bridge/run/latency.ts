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

  /** So many accesses, at least one, took that long altogether: each its share. */
  record(us: number, count = 1): void {
    const bucket = Math.floor(Math.log2(Math.max(us / count, smallestUs) / smallestUs) * bucketsPerDoubling)
    const index = Math.min(bucket, bucketCount - 1)
    this.#buckets[index] = (this.#buckets[index] ?? 0) + count
    this.#count += count
  }

  /** Microseconds that a share of all accesses (0.5: the median) stayed under; undefined if there were none. */
  quantile(share: number): number | undefined {
    let left = share * this.#count
    const bucket = this.#buckets.findIndex((entries) => (left -= entries) <= 0 && entries > 0)
    return bucket < 0 ? undefined : smallestUs * 2 ** ((bucket + 0.5) / bucketsPerDoubling)
  }
}

const firstDoubling = Math.log2(bucketsPerDoubling)

/**
 * How long programs waited, as their agents count it: nanoseconds, 32 buckets for each doubling (trap/ground/ledger.c).
 */
export class WaitHistogram {
  static readonly bytes = bucketsPerDoubling * 64 * 8
  readonly #buckets: Float64Array
  readonly count: number

  /** @param bytes starts with the buckets, 64 bits each */
  constructor(bytes: Buffer) {
    // A copy begins where words may; reading them one by one as BigInt took milliseconds at the end of each run.
    const words = new Uint32Array(Uint8Array.from(bytes.subarray(0, WaitHistogram.bytes)).buffer)
    this.#buckets = new Float64Array(words.length / 2).map(
      (_, i) => (words[2 * i] ?? 0) + (words[2 * i + 1] ?? 0) * 2 ** 32,
    )
    this.count = this.#buckets.reduce((sum, entries) => sum + entries, 0)
  }

  /** Microseconds that a share of all accesses stayed under; undefined if there were none. */
  quantile(share: number): number | undefined {
    let left = share * this.count
    const bucket = this.#buckets.findIndex((entries) => (left -= entries) <= 0 && entries > 0)
    return bucket < 0 ? undefined : toMiddleNs(bucket) / 1000
  }
}

/**
 * The middle of a bucket. Below 32 ns a bucket is a nanosecond; then its number holds a power of two and the five bits
 * below the leading one.
 */
function toMiddleNs(bucket: number): number {
  const power = Math.floor(bucket / bucketsPerDoubling)
  if (power < firstDoubling) return bucket
  return (bucketsPerDoubling + (bucket % bucketsPerDoubling) + 0.5) * 2 ** (power - firstDoubling)
}
