import 'server-only'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import type { Config } from '@/server/config/config'
import { type Run, readRun } from '@/server/db/jobs/runs'
import { hasErrorCode } from '@/server/error-code'
import type { LakeServices } from '@/server/catalog/lake-services'

/**
 * The folder in which one attempt of a run writes its files before they move to the table.
 *
 * @throws {AppError} storage-full
 */
export async function createStagingFolder(config: Config, { id, attempt }: Run): Promise<string> {
  const folder = path.join(stagingRoot(config), `${id}-${attempt}`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw translateDiskError(error)
  }
  return folder
}

/** The error of a disk that is full, or whose quota is used up, as one that says so; any other error unchanged. */
export function translateDiskError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error
  const isFull = hasErrorCode(error, 'ENOSPC', 'EDQUOT')
  // A thread passes on the message, and not the code.
  if (!isFull && !/^(ENOSPC|EDQUOT):/.test(error.message)) return error
  return new AppError('storage-full', 'The disk of the worker is full. Nothing of this run was stored.', {
    cause: error,
  })
}

/** Removes the folders of every attempt of the run. */
export function removeStaging(config: Config, { id }: Run): Promise<void> {
  return removeMatchingStaging(config, async (runId) => runId === id)
}

/** Removes leftovers in staging folders of workers that died right after moving files to a table. */
export function tidyStaging(services: Pick<LakeServices, 'config' | 'database'>): Promise<void> {
  const database = services.database
  return removeMatchingStaging(services.config, async (runId) => (await readRun(database, runId))?.state !== 'running')
}

async function removeMatchingStaging(config: Config, isRemovable: (runId: string) => Promise<boolean>): Promise<void> {
  const root = stagingRoot(config)
  if (!existsSync(root)) return
  for (const name of await readdir(root)) {
    const [, runId] = /^([0-9A-Z]{26})-\d+$/.exec(name) ?? []
    if (runId === undefined || !(await isRemovable(runId))) continue
    await rm(path.join(root, name), { recursive: true, force: true })
  }
}

function stagingRoot(config: Config): string {
  return path.join(config.homeDir, 'staging')
}
