import { mkdirSync } from 'node:fs'
import path from 'node:path'

/**
 * The file for the log of a program that tests start, `.cache/interop/<name>.log`, in a separate folder for each vitest
 * project that runs next to another one.
 */
export function logFileOf(name: string): string {
  const folder = path.resolve('.cache/interop', process.env.TEST_LOG_FOLDER ?? '')
  mkdirSync(folder, { recursive: true })
  return path.join(folder, `${name}.log`)
}
