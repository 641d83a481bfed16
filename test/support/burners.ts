/** A busy machine. */
import { spawn } from 'node:child_process'
import { cpus } from 'node:os'
import { onTestFinished } from 'vitest'

/** Keeps every processor busy until the test has ended. */
export function burnProcessors(): void {
  const burners = cpus().map(() => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }))
  onTestFinished(() => burners.forEach((burner) => burner.kill('SIGKILL')))
}
