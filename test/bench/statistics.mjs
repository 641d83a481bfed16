/** Figures out of repeated measurements: the median, and how far the middle half of the values lies around it. */

/** @param {number[]} values */
export function summarize(values) {
  return { median: median(values), from: quantile(values, 0.25), to: quantile(values, 0.75) }
}

/** @param {number[]} values */
export function median(values) {
  return quantile(values, 0.5)
}

/** Linear between the two nearest values. */
function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  return below + (above - below) * (at - Math.floor(at))
}
