/**
 * Which versions a range of package.json admits, as far as `engines` and pins say it: `^20.19.0 || >=22.12.0`, `18 ||
 * 20`, `>=20 <23`, `~4.1.2`, `22.x`, `*`. Our own, because the setup runs before anything is installed.
 */

/** @typedef {[number, number, number]} Version */

/** Of `20.17`, the missing parts are 0; of `18.0.0-rc.1`, what follows the hyphen is left out. @returns {Version} */
export function toVersion(text) {
  const [major = 0, minor = 0, patch = 0] = text.split('-')[0].split('.').map(Number)
  return [major, minor, patch]
}

/** A number below zero where `a` is older, above where it is newer. @param {Version} a @param {Version} b */
export function compareVersions(a, b) {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}

/** @param {string} range @param {Version} version */
export function admits(range, version) {
  return range.split('||').some((all) => {
    const comparators = all.replace(/\b(\S+)\s+-\s+(\S+)/g, '>=$1 <=$2').match(/[<>=^~v]*\s*[\dxX*][^\s]*/g) ?? []
    return comparators.every((comparator) => holds(comparator, version))
  })
}

function holds(comparator, version) {
  const [, operator = '', text = ''] = /^([<>=^~v]*)\s*(.*)$/.exec(comparator) ?? []
  const parts = text.split(/[-+]/)[0].split('.').map(Number)
  const stated = parts.findIndex(Number.isNaN) < 0 ? parts.length : parts.findIndex(Number.isNaN)
  const lowest = toVersion(parts.slice(0, stated).join('.') || '0')
  const above = compareVersions(version, lowest)
  const within = (count) => above >= 0 && compareVersions(version, next(lowest, count)) < 0
  if (operator === '>=') return above >= 0
  if (operator === '<') return above < 0
  if (operator === '>') return stated === 3 ? above > 0 : compareVersions(version, next(lowest, stated)) >= 0
  if (operator === '<=') return stated === 3 ? above <= 0 : compareVersions(version, next(lowest, stated)) < 0
  if (operator === '^') return within(Math.min(stated, lowest.findIndex((part) => part > 0) + 1 || stated))
  if (operator === '~') return within(Math.min(stated, 2))
  return within(stated)
}

/** The first version that differs in the first `count` parts; of none, there is no such. @param {Version} version */
function next(version, count) {
  if (count === 0) return [Infinity, 0, 0]
  return version.map((part, at) => (at < count - 1 ? part : at === count - 1 ? part + 1 : 0))
}
