import 'server-only'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { config } from '@/server/config'
import { type Run, readRun } from '@/server/db/jobs'
import { openDatabase } from '@/server/db/open-database'

/** Where one try of a run writes its files before they move to the table. */
export async function makeStagingFolder({ id, attempt }: Run): Promise<string> {
  const folder = path.join(stagingRoot(), `${id}-${attempt}`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return folder
}

/** Of every try of the run. */
export function removeStaging({ id }: Run): Promise<void> {
  return removeStagingOf(async (runId) => runId === id)
}

/** What was staged and moved to its table is gone from here, but not where the worker died right after. */
export function tidyStaging(): Promise<void> {
  const database = openDatabase()
  return removeStagingOf(async (runId) => (await readRun(database, runId))?.state !== 'running')
}

async function removeStagingOf(isUnwanted: (runId: string) => Promise<boolean>): Promise<void> {
  const root = stagingRoot()
  if (!existsSync(root)) return
  for (const name of await readdir(root)) {
    const [, runId] = /^([0-9A-Z]{26})-\d+$/.exec(name) ?? []
    if (runId === undefined || !(await isUnwanted(runId))) continue
    await rm(path.join(root, name), { recursive: true, force: true })
  }
}

function stagingRoot(): string {
  return path.join(config().homeDir, 'staging')
}
