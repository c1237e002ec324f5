import 'server-only'
import { createHash } from 'node:crypto'
import * as z from 'zod'
import {
  type ExpiryCriteria,
  expiryFileList,
  type ExpiryFileList,
  expiryFiles,
  type ExpiryFiles,
  startExpiryCount,
} from '@/lib/contract/table/expiry'
import { AppError } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { Database } from '@/server/db/database'
import { listRuns, queueRun, readRun, type Run } from '@/server/db/jobs/runs'
import { toRequest } from './preview-expiry'

/** Counts of an expiry's files as web processes know them. Workers carry them out: see `count-expiry`. */

export const COUNT_EXPIRY = 'count-expiry'

/** How many of the latest counts of a table are looked through. */
const MAX_LISTED_RUNS = 20

export const countSpec = startExpiryCount.input.omit({ catalog: true, namespace: true, table: true })

/** Identifies the counted expiry by its snapshots. */
export const countOutcome = z.object({
  counted: z.object({ digest: z.string(), files: expiryFiles, list: expiryFileList }),
})

/** Queues a count, or returns the one that is queued or in progress for the same expiry. */
export async function queueCount(
  database: Database,
  { identifier, metadata }: LoadedTable,
  criteria: ExpiryCriteria,
  { userId, username, role }: Actor,
): Promise<Run> {
  const spec = { ...toRequest(criteria), snapshotIds: [...(criteria.snapshotIds ?? [])] }
  const exclusiveKey = `${COUNT_EXPIRY} ${metadata.tableUuid} ${digestOf([JSON.stringify(spec)])}`
  const known = await listRuns(database, { kind: COUNT_EXPIRY, table: identifier, exclusiveKey, limit: 1 })
  const [open] = known.filter(({ state }) => state === 'queued' || state === 'running')
  if (open) return open
  const id = await queueRun(database, {
    kind: COUNT_EXPIRY,
    title: 'Count the files that would expire',
    spec,
    actor: { userId, username, role },
    table: identifier,
    exclusiveKey,
  })
  return requireCount(database, id)
}

/** @throws {AppError} not-found */
export async function requireCount(database: Database, id: string): Promise<Run> {
  const run = await readRun(database, id)
  if (run?.kind !== COUNT_EXPIRY) throw new AppError('not-found', `There is no run ${id}.`)
  return run
}

export function countedFiles({ state, outcome }: Run): { files: ExpiryFiles | null; list: ExpiryFileList | null } {
  if (state !== 'succeeded' || outcome === null) return { files: null, list: null }
  const { files, list } = countOutcome.parse(outcome).counted
  return { files, list }
}

/** The latest runs' counts for an expiry of exactly these snapshots, or null. */
export async function findCountedFiles(
  database: Database,
  { identifier }: LoadedTable,
  snapshotIds: readonly string[],
): Promise<ExpiryFiles | null> {
  const digest = digestOf(snapshotIds)
  const runs = await listRuns(database, { kind: COUNT_EXPIRY, table: identifier, limit: MAX_LISTED_RUNS })
  for (const { state, outcome } of runs) {
    const counted = state === 'succeeded' ? countOutcome.parse(outcome).counted : null
    if (counted?.digest === digest) return counted.files
  }
  return null
}

export function digestOf(snapshotIds: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(snapshotIds)).digest('hex').slice(0, 32)
}
