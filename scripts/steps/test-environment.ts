import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import path from 'node:path'

/** Linux keeps the files of this folder in memory. */
const MEMORY_FOLDER = '/dev/shm'
const PREFIX = 'lakeshore-tests-'
/** A whole run has less than 2 GiB of temporary files at a time. */
const MIN_FREE_BYTES = 8 * 2 ** 30

/**
 * The environment of steps that run tests. Temporary files are in memory where there is enough of it: homes and
 * databases of tests are synchronized with the disk all the time, which takes a tenth of the processor time of these
 * tests. Tests prove the order of writes by recorded calls and by killed processes, which a disk does not change.
 * Processes of Node share compiled scripts.
 */
export function testEnvironment(): Record<string, string> {
  const folder = makeMemoryFolder()
  return { NODE_COMPILE_CACHE: path.resolve('.cache/node'), ...(folder !== null && { TMPDIR: folder }) }
}

function makeMemoryFolder(): string | null {
  if (!existsSync(MEMORY_FOLDER)) return null
  removeAbandonedFolders()
  const { bavail, bsize } = statfsSync(MEMORY_FOLDER)
  if (bavail * bsize < MIN_FREE_BYTES) return null
  const folder = path.join(MEMORY_FOLDER, `${PREFIX}${process.pid}`)
  mkdirSync(folder, { recursive: true })
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A killed run removes nothing. */
function removeAbandonedFolders(): void {
  for (const name of readdirSync(MEMORY_FOLDER)) {
    const pid = Number(name.slice(PREFIX.length))
    if (!name.startsWith(PREFIX) || existsSync(`/proc/${pid}`)) continue
    rmSync(path.join(MEMORY_FOLDER, name), { recursive: true, force: true })
  }
}
