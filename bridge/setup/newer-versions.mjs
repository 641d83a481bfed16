/**
 * `npm run deps`: what each direct dependency is pinned at, the newest there is, the newest that runs on the oldest
 * Node of `engines`, and why we stay behind. Names after it choose: `npm run deps -- vitest zod`. Where npm can't reach
 * its registry, pins and reasons are still told; then the exit status is 1.
 */
import { directDependencies, reasonsToStay } from './dependencies.mjs'
import { npm } from './node-packages.mjs'
import { runQuietly } from './run-command.mjs'
import { admits, compareVersions, toVersion } from './version-ranges.mjs'

/** How many npm processes ask at a time. */
const askers = 4

/** Silence would be mended by asking again, much later; nobody waits for that here. */
const impatience = ['--fetch-retries=0', '--fetch-timeout=30000', '--loglevel=silent']

/** All releases since the pinned one, the oldest first. Throws where npm gets no answer. */
async function releasesSince({ published, pinned }) {
  const fields = ['name', 'version', 'engines', 'deprecated']
  const [program, ...args] = npm('view', `${published}@>=${pinned}`, ...fields, '--json', ...impatience)
  const { stdout } = await runQuietly(program, args)
  const answer = stdout === '' ? { error: { code: 'no answer' } } : JSON.parse(stdout)
  if (answer.error) throw new Error(`${answer.error.code} for ${published}`)
  return [answer]
    .flat()
    .filter(({ version, deprecated }) => !version.includes('-') && deprecated === undefined)
    .sort((a, b) => compareVersions(toVersion(a.version), toVersion(b.version)))
}

async function toRow(dependency) {
  const { name, pinned, node, reason } = dependency
  const releases = await releasesSince(dependency)
  const newest = releases.at(-1) ?? { version: pinned }
  const fitting = releases.findLast(({ engines }) => admits(engines?.node ?? '*', node))?.version ?? pinned
  const needs = pinned === fitting ? `needs Node ${newest.engines?.node}` : 'to be taken'
  return [name, pinned, newest.version, fitting, pinned === newest.version ? '' : (reason ?? needs)]
}

/** As many at a time as `askers`; the answers stand in the order of the questions. */
async function toRows(dependencies) {
  const rows = []
  const left = [...dependencies.entries()]
  const ask = async () => {
    for (let next = left.shift(); next; next = left.shift()) rows[next[0]] = await toRow(next[1])
  }
  await Promise.all(Array.from({ length: askers }, ask))
  return rows
}

function printTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const toLine = (row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ')
  for (const row of rows) process.stdout.write(`${toLine(row).trimEnd()}\n`)
}

async function choose(names) {
  const all = await directDependencies()
  const unknown = names.find((name) => !all.some((dependency) => dependency.name === name))
  const known = all.map(({ name }) => name).join(', ')
  if (unknown) throw new Error(`package.json depends on no ${unknown}; it does on ${known}`)
  const reasons = await reasonsToStay()
  return all
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .map((dependency) => ({ ...dependency, reason: reasons.find(({ name }) => name === dependency.name)?.reason }))
}

async function main(names) {
  const dependencies = await choose(names)
  try {
    const rows = await toRows(dependencies)
    printTable([['package', 'pinned', 'newest', `on Node ${dependencies[0].node[0]}`, 'why not newer'], ...rows])
  } catch (error) {
    printTable([
      ['package', 'pinned', 'why it stays'],
      ...dependencies.map(({ name, pinned, reason }) => [name, pinned, reason ?? '']),
    ])
    throw new Error(`npm got no answer from its registry (${error.message}), so nobody knows what is newer`)
  }
}

await main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`trapline: ${error.message}\n`)
  process.exitCode = 1
})
