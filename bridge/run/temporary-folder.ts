/** A folder for what a command's tools make, where there is no run directory for it. */
import { createRunDirectory } from './run-directory.js'

/** The folder is private, and goes away with the work or, however that comes to its end, with this process. */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const directory = createRunDirectory()
  directory.endWithUs()
  try {
    return await work(directory.path)
  } finally {
    directory.dispose()
  }
}
