import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { buildIfStale, BUILD_STAMP } from '../../scripts/build.ts'
import { addUser, runCli } from './cli'
import { PASSWORD } from './personas'

/** The history of the demo is counted back from its creation, and tests expect a lake that is in use. */
const MAX_AGE_MS = 6 * 3_600_000

/**
 * Makes a home with the demo lake and the users of the tests, or copies the one that an earlier run made at the same
 * path with the same build: tables name their files by absolute paths.
 */
export async function makeDemoHome(home: string): Promise<void> {
  await buildIfStale()
  const copied = `${home}.copy`
  const keyFile = `${home}.key`
  rmSync(home, { recursive: true, force: true })
  const key = createHash('sha256')
    .update(home)
    .update(readFileSync(BUILD_STAMP))
    .update(readFileSync(import.meta.filename))
    .digest('hex')
  if (hasCopy(keyFile, key)) return copy(copied, home)
  for (const file of [keyFile, copied]) rmSync(file, { recursive: true, force: true })
  mkdirSync(path.dirname(home), { recursive: true })
  await runCli(['init'], { env: { LAKESHORE_ADMIN_PASSWORD: PASSWORD } })
  await runCli(['demo'])
  await addUser('viewer', 'viewer', PASSWORD)
  await addUser('editor', 'editor', PASSWORD)
  copy(home, copied)
  // Last: without it, a copy that was interrupted is not used.
  writeFileSync(keyFile, key)
}

function hasCopy(keyFile: string, key: string): boolean {
  return (
    existsSync(keyFile) && readFileSync(keyFile, 'utf8') === key && Date.now() - statSync(keyFile).mtimeMs < MAX_AGE_MS
  )
}

function copy(from: string, to: string): void {
  cpSync(from, to, { recursive: true, preserveTimestamps: true })
}
