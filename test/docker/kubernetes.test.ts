/**
 * The Kubernetes Job of the examples under Docker: the image that our script builds, with the Job's own command,
 * environment, user and mounts. Claims are volumes, which belong to the Job's group as Kubernetes has them.
 */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { job } from '../support/job.js'
import { packClone } from '../support/packed.js'
import { root } from '../support/places.js'
import { openScratch, removeScratch } from '../support/scratch.js'
import { docker, startMachine, type Ended } from './containers.js'
import { findBaseImages, findEngine } from './engine.js'
import { buildImage } from './compose.js'

const engine = await findEngine()
const reason = 'reason' in engine ? ` (skipped: ${engine.reason})` : ''

const { containers, securityContext: pod, volumes } = job.spec.template.spec
const [container] = containers
const prefix = `trapline-test-${process.pid}`
const claims = volumes.flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? [])
/** What the tests import says less. */
const longestMs = 2_400_000
const scratch = openScratch()

/** `docker run` of a pod of the Job. */
async function runPod(index: number): Promise<Ended> {
  if ('reason' in engine) throw new Error(engine.reason)
  const mounts = container.volumeMounts.flatMap(({ name, mountPath, readOnly }) => {
    const claim = volumes.find((volume) => volume.name === name)?.persistentVolumeClaim?.claimName
    if (claim === undefined) return ['--tmpfs', `${mountPath}:exec,mode=1777`]
    return ['--volume', `${prefix}-${claim}:${mountPath}${readOnly ? ':ro' : ''}`]
  })
  const variables = [...container.env, { name: 'JOB_COMPLETION_INDEX', value: `${index}` }]
  const env = variables.flatMap(({ name, value }) => ['--env', `${name}=${value}`])
  const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = container.securityContext
  const rights = [
    ...['--user', `${pod.runAsUser}`, '--group-add', `${pod.fsGroup}`],
    ...(allowPrivilegeEscalation ? [] : ['--security-opt', 'no-new-privileges']),
    ...(readOnlyRootFilesystem ? ['--read-only'] : []),
    ...capabilities.drop.map((name) => `--cap-drop=${name}`),
  ]
  const [entrypoint = '', ...command] = container.command
  const place = ['--workdir', container.workingDir, '--network', 'none', '--entrypoint', entrypoint]
  const args = ['run', '--rm', ...rights, ...mounts, ...env, ...place, container.image, ...command, ...container.args]
  return await docker(engine, args)
}

/** Fills the claim of the project, as its owner would: what the regression is, with Trapline and vitest. */
async function fillClaims(): Promise<void> {
  if ('reason' in engine) return
  const packed = await packClone(join(scratch.path, 'clone'))
  const mounts = claims.flatMap((claim) => ['--volume', `${prefix}-${claim}:/claims/${claim}`])
  await using owner = await startMachine(engine, container.image, ['--user', 'root', ...mounts])
  await owner.copyIn(`${join(root, 'examples/regression')}/.`, '/claims/project')
  await owner.copyIn(packed, '/tmp/trapline.tgz')
  const commands = [
    'npm install --no-audit --no-fund --save-dev /tmp/trapline.tgz vitest@4',
    // As the kubelet does for fsGroup.
    `chgrp -R ${pod.fsGroup} /claims && chmod -R g+rwX /claims && chmod g+s /claims/*`,
  ]
  for (const command of commands) {
    const { status, output } = await owner.run('/claims/project', command)
    expect(status, output).toBe(0)
  }
}

describe.skipIf(reason !== '')(`a Kubernetes Job${reason}`, () => {
  beforeAll(async () => {
    if ('reason' in engine) return
    await buildImage('bridge', { ...engine.env, ...(await findBaseImages(engine)) })
    await fillClaims()
  }, longestMs)

  afterAll(async () => {
    removeScratch(scratch)
    if ('reason' in engine) return
    await docker(engine, ['volume', 'rm', '--force', ...claims.map((claim) => `${prefix}-${claim}`)])
    await engine[Symbol.asyncDispose]()
  })

  it('its pods run the regression, each its shard, and leave their results', { timeout: longestMs }, async () => {
    if ('reason' in engine) return
    const pods = []
    for (let index = 0; index < job.spec.completions; index++) pods.push(await runPod(index))
    const output = pods.map((one) => one.output).join('\n')
    expect(pods.map(({ status }) => status).sort(), output).toEqual([...Array(job.spec.completions - 1).fill(0), 1])
    expect(output).toContain('access 19: read fifo0+0x0 4 B = 0xf1f0000f  in check (fifo_test.c:27)')
    const results = ['--volume', `${prefix}-results:/results:ro`, container.image]
    const listed = await docker(engine, ['run', '--rm', ...results, 'ls', '/results'])
    expect(listed.output.split('\n')).toEqual(pods.map((_pod, index) => `${index}`))
  })
})
