// What one reads before anything runs: help, the manual page, completions. All come from the table of commands.
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { makeScratch } from '../../support/scratch.js'
import { trapline } from '../../support/trapline.js'

const commands = [
  'run',
  'diff',
  'replay',
  'export',
  'report',
  'build',
  'serve',
  'list',
  'registers',
  'doctor',
  'setup',
  'init',
]

function has(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined
}

it('a bare trapline prints its help', async () => {
  const scratch = makeScratch()
  const bare = await trapline(scratch, [])
  expect(bare).toMatchObject({ status: 0, stderr: '' })
  expect(bare.stdout).toBe((await trapline(scratch, ['--help'])).stdout)
  for (const name of commands) expect(bare.stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
})

it.each(commands)('the help of %s has two examples, which begin with it', async (name) => {
  const { stdout } = await trapline(makeScratch(), [name, '--help'])
  const [, examples = ''] = stdout.split('\nExamples:\n')
  expect(examples.trim().split('\n')).toEqual([
    expect.stringMatching(`^(  )?trapline ${name}`),
    expect.stringMatching(`^  trapline ${name}`),
  ])
})

it('flags stand in groups, with what holds where they are left out', async () => {
  const { stdout } = await trapline(makeScratch(), ['run', '--help'])
  const groups = stdout.split('\n').filter((line) => /^\S.*:$/.test(line))
  expect(groups).toEqual([
    'Arguments:',
    'RTL, where no configuration says it:',
    'Configuration:',
    'Where the two sides meet:',
    'What comes out:',
    'The program:',
    'Words:',
    'Examples:',
  ])
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('cycle budget of each handshake (default: 100000)')
})

it('the manual page is one that man reads, and has every command and flag', async () => {
  const scratch = makeScratch()
  const { stdout } = await trapline(scratch, ['manual'])
  const page = scratch.write('trapline.1', stdout)
  const read = spawnSync('man', ['--warnings', '--local-file', page], {
    env: { ...process.env, MANWIDTH: '200', LC_ALL: 'C.UTF-8' },
    encoding: 'utf8',
  })
  expect([read.status, read.stderr]).toEqual([0, ''])
  for (const name of commands) expect(read.stdout).toContain(`trapline ${name} [option ...]`)
  expect(read.stdout).toMatch(/--timeout <seconds>\s+wall clock that the program has/)
})

/** What bash offers for the last of these words. */
async function offered(...words: string[]): Promise<string[]> {
  const { stdout } = await trapline(makeScratch(), ['completion', 'bash'])
  const asked = words.map((word) => `'${word}'`).join(' ')
  const script = `COMP_WORDS=(${asked}); COMP_CWORD=${words.length - 1}; _trapline; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout: answer, stderr } = spawnSync('bash', ['-c', `${stdout}\n${script}`], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return answer.split('\n').filter((word) => word !== '')
}

it('bash completes commands, flags of the command, and values', async () => {
  expect(await offered('trapline', 'do')).toEqual(['doctor'])
  expect(await offered('trapline', 'run', '--sho')).toEqual(['--show'])
  expect(await offered('trapline', 'doctor', '--sho')).toEqual([])
  expect(await offered('trapline', 'run', '--lane', '')).toEqual(['grpc', 'shm'])
})

it.skipIf(!has('zsh'))('zsh completes them, too (needs zsh)', async () => {
  const scratch = makeScratch()
  scratch.write('_trapline', (await trapline(scratch, ['completion', 'zsh'])).stdout)
  const keys = String.raw`zmodload zsh/zpty; zpty z zsh -f -i
zpty -w z "PS1=; fpath=(${scratch.path} \$fpath); autoload -Uz compinit; compinit -u -D; print READY"
zpty -r z seen '*READY*READY*'
zpty -w -n z $'trapline run --lan\t\t'; zpty -r z seen '*--lane*'
zpty -w -n z $'g\t\n'; zpty -r z seen '*grpc*'; print -r -- $seen`
  const { stdout, stderr, status } = spawnSync('zsh', ['-f', '-c', keys], { encoding: 'utf8', timeout: 60_000 })
  expect(stdout, stderr).toContain('grpc')
  expect(status).toBe(0)
})

it.skipIf(!has('fish'))('fish completes them, too (needs fish)', async () => {
  const scratch = makeScratch()
  const script = scratch.write('c.fish', (await trapline(scratch, ['completion', 'fish'])).stdout)
  const ask = (line: string) =>
    spawnSync('fish', ['--no-config', '-c', `source ${script}; complete -C '${line}'`], {
      env: { ...process.env, HOME: scratch.path },
      encoding: 'utf8',
    }).stdout.split('\n')
  expect(ask('trapline do')).toEqual(expect.arrayContaining([expect.stringMatching(/^doctor\t/)]))
  expect(ask('trapline run --lane ')).toEqual(expect.arrayContaining([expect.stringMatching(/^shm/)]))
  expect(ask('trapline doctor --sho').filter((line) => line.startsWith('--show'))).toEqual([])
})
