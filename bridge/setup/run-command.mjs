/** Runs other programs: quietly with their output kept, or in front with the terminal theirs. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds package.json. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/**
 * Runs a program and resolves to what it did. A program that can't be started has status 127.
 * @returns {Promise<{ status: number, stdout: string, output: string }>}
 */
export function runQuietly(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let stdout = ''
    let output = ''
    child.stdout.on('data', (chunk) => {
      stdout += chunk
      output += chunk
    })
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => resolve({ status: 127, stdout, output: error.message }))
    child.on('close', (code, signal) => resolve({ status: toStatus(code, signal), stdout, output }))
  })
}

/** Runs a program that must succeed; else throws its last words and `remedy`. */
export async function runOrThrow(command, args, remedy, options) {
  const { status, output } = await runQuietly(command, args, options)
  if (status === 0) return
  const lastWords = output.trimEnd().split('\n').slice(-40).join('\n')
  throw new Error(`${[command, ...args].join(' ')} ended with status ${status}; ${remedy}\n${lastWords}`)
}

/** Runs a program on our own terminal and resolves to its exit status, 128 + signal if it was killed. */
export function runInFront(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' })
    const forward = (signal) => child.kill(signal)
    const ignore = () => {} // The terminal sends SIGINT to the child as well; it decides when we end.
    process.on('SIGTERM', forward)
    process.on('SIGINT', ignore)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      process.off('SIGTERM', forward)
      process.off('SIGINT', ignore)
      resolve(toStatus(code, signal))
    })
  })
}

function toStatus(code, signal) {
  return code ?? 128 + constants.signals[signal]
}
