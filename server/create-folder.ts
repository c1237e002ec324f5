import 'server-only'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { hasErrorCode } from './error-code'

/**
 * Creates a folder and the missing folders above it. Node's own `recursive` repeats itself for ever in a file system in
 * which nothing can be created, such as `/proc`.
 *
 * @param mode of every folder that is created
 * @throws {Error} of the operating system for the first folder that cannot be created
 */
export function createFolder(folder: string, { mode = 0o777 }: { mode?: number } = {}): void {
  const missing: string[] = []
  for (let above = path.resolve(folder); !existsSync(above); above = path.dirname(above)) missing.unshift(above)
  for (const one of missing) createUnlessThere(one, mode)
  if (!statSync(folder).isDirectory()) mkdirSync(folder)
}

/** Another process may create it at the same time. */
function createUnlessThere(folder: string, mode: number): void {
  try {
    mkdirSync(folder, { mode })
  } catch (error) {
    if (!hasErrorCode(error, 'EEXIST') || !existsSync(folder)) throw error
  }
}
