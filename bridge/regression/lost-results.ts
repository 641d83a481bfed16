/**
 * Evidence that has no result: its run was killed before results were marked as begun, or somebody took the result
 * away. What did not pass must not vanish, so each such folder is an error of its own.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { logFile, outputFile } from './evidence-files.js'
import { resultEnding, resultSchema, type StoredResult } from './result.js'

/** As `toFolderName` makes them, and as further runs of the same name are counted. */
const ownName = /-[0-9a-f]{8}(-\d+)?$/
const attemptName = /^attempt-\d+$/

/** Of all folders that are named, and of those in them. */
export function findLostResults(paths: string[]): StoredResult[] {
  const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  const folders = paths.filter(isFolder).flatMap((path) => [path, ...foldersIn(path)])
  return folders.filter((folder) => isLost(folder, paths)).map(toResult)
}

function foldersIn(path: string): string[] {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function isLost(folder: string, named: string[]): boolean {
  const names = readdirSync(folder)
  const own = basename(resolve(folder))
  // Attempts after the first one lie in the folder of their test.
  if (attemptName.test(own) || names.some((name) => name.endsWith(resultEnding))) return false
  const isOurs = ownName.test(own)
  if (names.includes(logFile)) return isOurs || !named.includes(folder)
  // A result that was being written when its process was killed has another name.
  const isEmpty = names.every((one) => one.includes(resultEnding))
  return isOurs && (names.includes(outputFile) || (isEmpty && !hasResultBeside(folder)))
}

/** Of a test that passed: its folder was only made for its coverage. */
function hasResultBeside(folder: string): boolean {
  return existsSync(`${resolve(folder)}${resultEnding}`)
}

function toResult(folder: string): StoredResult {
  const result = resultSchema.parse({
    format: 'trapline-result-1',
    suite: 'evidence without a result',
    test: basename(resolve(folder)),
    status: 'error',
    message:
      `${folder} holds the evidence of a test, but no result: its run was killed, or the result was ` +
      `deleted; run it again`,
    startedAt: statSync(folder).mtime.toISOString(),
    durationMs: 0,
  })
  return { result, directory: folder }
}
