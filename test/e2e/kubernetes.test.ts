/**
 * The Kubernetes Job of the examples: its container's own command, environment, user and mounts, with a root that can't
 * be written, as bubblewrap makes them; the image is this machine's.
 */
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { Job } from 'kubernetes-models/batch/v1'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { job, jobText } from '../support/job.js'
import { cache, root } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'

const longestMs = 600_000
const { containers, securityContext } = job.spec.template.spec
const [container] = containers

/** What Kubernetes' own schema has to say, and the types made of it, which know of keys that there are not. */
function complaintsOf(text: string): string[] {
  const data = parse(text) as object
  const complaints = typeComplaints(`import type { IJob } from 'kubernetes-models/batch/v1'
export const job: IJob = ${JSON.stringify(data)}`)
  try {
    new Job(data as ConstructorParameters<typeof Job>[0]).validate()
  } catch (error) {
    complaints.push((error as Error).message)
  }
  return complaints
}

/** Of a module that lies among the tests, so that its imports are found. */
function typeComplaints(source: string): string[] {
  const file = join(root, 'test/job-under-test.ts')
  const options = { module: ts.ModuleKind.NodeNext, strict: true, skipLibCheck: true, noEmit: true, types: [] }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.fileExists = (name) => name === file || fileExists(name)
  host.getSourceFile = (name, ...rest) =>
    name === file ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022) : getSourceFile(name, ...rest)
  const found = ts.getPreEmitDiagnostics(ts.createProgram([file], options, host))
  return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
}

/** A project with Trapline and vitest, as a claim would hold it; vitest has run in it before. */
function makeProject(): string {
  const project = join(makeScratch().path, 'project')
  cpSync(join(root, 'examples/regression'), project, { recursive: true })
  for (const name of ['.bin', '.vite-temp']) mkdirSync(join(project, 'node_modules', name), { recursive: true })
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }\n')
  symlinkSync(root, join(project, 'node_modules/trapline'))
  symlinkSync(join(root, 'node_modules/vitest'), join(project, 'node_modules/vitest'))
  symlinkSync(join(root, 'node_modules/vitest/vitest.mjs'), join(project, 'node_modules/.bin/vitest'))
  return project
}

/** Each volume as the Job mounts it, from a folder of its own. */
function toMounts(folders: Record<string, string>): string[] {
  return container.volumeMounts.flatMap(({ name, mountPath, readOnly }) => {
    const folder = folders[name]
    return folder ? [readOnly ? '--ro-bind' : '--bind', folder, mountPath] : ['--tmpfs', mountPath]
  })
}

async function runPod(index: number, folders: Record<string, string>) {
  const env = container.env.flatMap(({ name, value }) => ['--setenv', name, value])
  const system = ['/usr', '/etc', '/opt'].flatMap((path) => ['--ro-bind-try', path, path])
  const links = ['bin', 'sbin', 'lib', 'lib64'].flatMap((name) => ['--symlink', `usr/${name}`, `/${name}`])
  const { exitCode, all } = await execa(
    'bwrap',
    [
      ...['--unshare-user', '--uid', `${securityContext.runAsUser}`, '--gid', `${securityContext.runAsUser}`],
      ...['--die-with-parent', '--cap-drop', 'ALL', '--dev', '/dev', '--proc', '/proc', ...system, ...links],
      // The checkout may lie below a folder that the Job mounts.
      ...[...toMounts(folders), '--ro-bind', root, root, '--remount-ro', '/'],
      ...['--chdir', container.workingDir, '--clearenv', ...env],
      ...['--setenv', 'PATH', process.env.PATH ?? '', '--setenv', 'HOME', '/tmp'],
      ...['--setenv', 'JOB_COMPLETION_INDEX', `${index}`, ...container.command, ...container.args],
    ],
    { all: true, reject: false, stdin: 'ignore', timeout: longestMs - 10_000 },
  )
  return { status: exitCode, output: String(all) }
}

it('its pods run the regression from a project that is read-only, each its shard', { timeout: longestMs }, async () => {
  const results = makeScratch().path
  const folders = { project: makeProject(), results, cache }
  const pods = []
  for (let index = 0; index < job.spec.completions; index++) pods.push(await runPod(index, folders))
  const output = pods.map((pod) => pod.output).join('\n')
  expect(pods.map(({ status }) => status).sort(), output).toEqual([...Array(job.spec.completions - 1).fill(0), 1])
  expect(output).toContain('access 19: read fifo0+0x0 4 B = 0xf1f0000f  in check (fifo_test.c:27)')
  expect(readdirSync(results).sort()).toEqual(['0', '1', '2', '3'])
})

it.each([
  ['as it is', /$^/, '', undefined],
  ['with a key that there is not', 'parallelism', 'paralelism', 'paralelism'],
  ['with a value that there is not', 'Never', 'Perhaps', 'restartPolicy must be equal to one of the allowed values'],
  ['with text for a number', 'parallelism: 4', "parallelism: '4'", 'parallelism must be integer'],
  ['without a name of its container', 'name: shard', 'tty: true', 'must have required property name'],
])('the schema of Kubernetes has its say of the Job %s', (_name, part, other, complaint) => {
  const complaints = complaintsOf(jobText.replace(part, other))
  if (complaint === undefined) expect(complaints).toEqual([])
  else expect(complaints.join('\n')).toContain(complaint)
})
