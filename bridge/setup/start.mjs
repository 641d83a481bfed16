/**
 * From a fresh clone to a result: `node bridge/setup/start.mjs demo|test|pack|deb|docker|generators|bench|fuzz|
 * kill|soak|simulators|lanes|suites [its arguments]`. Runs before anything is installed, so it uses Node's own modules
 * only. Read this file first.
 */
import { buildAgent, buildBridge } from './builds.mjs'
import { goals } from './goals.mjs'
import { checkNode } from './node-version.mjs'
import { installNodePackages } from './node-packages.mjs'
import { runStep } from './progress.mjs'
import { installPythonPackages } from './python-packages.mjs'
import { installDocker } from './docker-packages.mjs'
import { installGenerators } from './generator-packages.mjs'
import { installSystemPackages } from './system-packages.mjs'

const [goal, ...goalArguments] = process.argv.slice(2)

const steps = [
  { name: 'node', work: checkNode },
  { name: 'system packages', work: installSystemPackages },
  { name: 'node packages', work: installNodePackages },
  ...(['pack', 'deb'].includes(goal) ? [] : [{ name: 'python packages', work: installPythonPackages }]),
  { name: 'bridge', work: buildBridge },
  { name: 'agent', work: buildAgent },
  ...(goal === 'docker' ? [{ name: 'docker', work: installDocker }] : []),
  ...(goal === 'generators' ? [{ name: 'generators', work: installGenerators }] : []),
]

try {
  if (!Object.hasOwn(goals, goal)) throw new Error(`say what to do: ${Object.keys(goals).join(', ')}`)
  for (const step of steps) await runStep(step, goal)
  process.exitCode = await goals[goal](goalArguments)
} catch (error) {
  process.stderr.write(`trapline: ${error.message}\n`)
  process.exitCode = 1
}
