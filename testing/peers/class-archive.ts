import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import path from 'node:path'

/** Relative, because Java's options are separated by spaces, which the path of this folder may have. */
const FOLDER = path.join('.cache', 'interop', 'classes')

/**
 * Options with which starts of one Java program share its parsed classes: one writes an archive when it ends, later ones
 * map it into memory. Loading classes is more than half of the processor time of a short run, and writing the archive
 * takes a quarter of it, once.
 *
 * Java ignores an archive of another version or class path, and one that is still being written.
 *
 * @param classPath what determines the classes; a changed file gets another archive
 * @param isWriter whether this start writes the archive if there is none. A server has more classes to write than short
 * runs need, and writes them too late
 */
export function sharedClassOptions(name: string, classPath: readonly string[], { isWriter = true } = {}): string[] {
  const facts = classPath.map((file) => [file, statSync(file).mtimeMs])
  const key = createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16)
  const archive = path.join(FOLDER, `${name}-${key}.jsa`)
  const isWritten = existsSync(archive)
  if (!isWritten && !isWriter) return []
  mkdirSync(FOLDER, { recursive: true })
  return [
    isWritten ? `-XX:SharedArchiveFile=${archive}` : `-XX:ArchiveClassesAtExit=${archive}`,
    // Warnings about classes that cannot be archived would be among the output that tests read.
    '-Xlog:disable',
    '-Xlog:all=error:stderr',
  ]
}
