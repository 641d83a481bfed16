/** Shows what is going on: a spinner on a terminal, plain lines elsewhere. */

const lively = process.stderr.isTTY && process.env.TERM !== 'dumb' && !process.env.CI
const frames = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'
const clearLine = '\r\x1b[K'

function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`
}

/**
 * Runs one step. `work` calls `busy(what)` when it finds something to do; a step that has nothing to do stays silent.
 * @param {{ name: string, work: (busy: (what: string) => void, goal: string) => Promise<void> }} step
 * @param {string} goal what all steps are for
 */
export async function runStep({ name, work }, goal) {
  const start = performance.now()
  let what = ''
  let frame = 0
  const draw = () =>
    process.stderr.write(`${clearLine}${frames[frame++ % frames.length]} ${name}: ${what} ${seconds(start)}`)
  const timer = lively ? setInterval(() => what && draw(), 100) : undefined
  try {
    await work((now) => {
      what = now
      if (!lively) process.stderr.write(`trapline: ${name}: ${what} …\n`)
    }, goal)
  } finally {
    clearInterval(timer)
    if (lively && what) process.stderr.write(clearLine)
  }
  if (what) process.stderr.write(`trapline: ${name}: done in ${seconds(start)}\n`)
}
