/** Runs once before all tests: compiles the host programs, so that no two test files do it at once. */
import { execa } from 'execa'
import { root } from './places.js'

export async function setup(): Promise<void> {
  for (const folder of ['test/e2e/hosts', 'test/e2e/behaviours', 'test/e2e/native', 'test/trap/forms']) {
    await execa('make', ['--silent', '-C', folder, '-j2'], { cwd: root })
  }
  await execa('make', ['--silent', '-C', 'trap', '-j2', 'core'], { cwd: root })
}
