/** A Slurm cluster of one node on this machine, with its daemons and all its files in one folder. Needs root. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import { execa } from 'execa'
import { onTestFinished, vi } from 'vitest'

const daemons = ['slurmctld', 'slurmd'].map((name) => `/usr/sbin/${name}`)

/** slurmd refuses to start where no cgroups are mounted. */
export const canRunSlurm =
  process.getuid?.() === 0 &&
  daemons.every((path) => existsSync(path)) &&
  readFileSync('/proc/mounts', 'utf8').includes(' /sys/fs/cgroup')

/** Resolves with the environment of its commands when the node takes jobs; it ends with the test. */
export async function startSlurm(folder: string, processors: number): Promise<Record<string, string>> {
  const file = join(folder, 'slurm.conf')
  for (const name of ['state', 'spool']) mkdirSync(join(folder, name))
  writeFileSync(file, toConfig(folder, processors, await freePort(), await freePort()))
  const env = { SLURM_CONF: file }
  for (const path of daemons) {
    const output = { file: join(folder, `${basename(path)}.log`) }
    const daemon = execa(path, ['-D'], { env, reject: false, stdin: 'ignore', stdout: output, stderr: output })
    onTestFinished(async () => {
      daemon.kill('SIGTERM')
      await daemon
    })
  }
  await vi.waitFor(() => isIdle(env), { timeout: 60_000, interval: 200 })
  return env
}

async function isIdle(env: Record<string, string>): Promise<void> {
  const { stdout } = await execa('sinfo', ['--noheader', '--format=%T'], { env })
  if (stdout.trim() !== 'idle') throw new Error(`the node is ${stdout}`)
}

function toConfig(folder: string, processors: number, controllerPort: number, nodePort: number): string {
  const host = hostname()
  const settings = {
    ...{ ClusterName: 'regression', SlurmctldHost: `${host}(127.0.0.1)`, SlurmUser: 'root', SlurmdUser: 'root' },
    ...{ SlurmctldPort: controllerPort, SlurmdPort: nodePort, AuthType: 'auth/none', CredType: 'cred/none' },
    ...{ StateSaveLocation: join(folder, 'state'), SlurmdSpoolDir: join(folder, 'spool') },
    ...{ SlurmctldPidFile: join(folder, 'slurmctld.pid'), SlurmdPidFile: join(folder, 'slurmd.pid') },
    ...{ ProctrackType: 'proctrack/linuxproc', TaskPlugin: 'task/none', SwitchType: 'switch/none', MpiDefault: 'none' },
    ...{ JobAcctGatherType: 'jobacct_gather/none', SelectType: 'select/cons_tres', SelectTypeParameters: 'CR_CPU' },
    ...{ SlurmdParameters: 'config_overrides' },
  }
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
  const node = `NodeName=${host} NodeAddr=127.0.0.1 CPUs=${processors} State=UNKNOWN`
  return [...lines, node, 'PartitionName=ci Nodes=ALL Default=YES MaxTime=INFINITE State=UP', ''].join('\n')
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
