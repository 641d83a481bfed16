/** Figures out of repeated measurements: the median, and how far the middle half of the values lies around it. */

/** @param {number[]} values */
export function summarize(values) {
  return { median: quantile(values, 0.5), from: quantile(values, 0.25), to: quantile(values, 0.75) }
}

/** Ratio of two measures that were taken in the same rounds, round by round, so that drift falls out. */
export function ratiosOf(values, reference) {
  return values.map((value, round) => value / reference[round])
}

/** Linear between the two nearest values. */
function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  return below + (above - below) * (at - Math.floor(at))
}
