import 'server-only'
import { createHash } from 'node:crypto'
import * as z from 'zod'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { tableChecks } from '@/lib/iceberg/properties/table-checks'
import type { Actor } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { Database } from '@/server/db/database'
import { runAuditChange, toRunActor } from '@/server/jobs/change-run'
import { listRuns, queueRun, readRun, type Run } from '@/server/db/jobs/runs'
import { snapshotById } from '../commit/snapshot-files'

/** Runs of a table's checks as web processes know them. Workers carry them out: see `check-run`. */

export const CHECK_TABLE = 'check-table'

/** How many of the newest runs of a snapshot are looked through for results. */
const MAX_LISTED_RUNS = 20

export const checkSpec = z.object({ snapshotId: z.string() })

const identifierShape = z.object({ catalog: z.string(), namespace: z.array(z.string()), table: z.string() })

/** The result of a check. The values of rows are text, as DuckDB writes them. */
export const checkOutcome = z.object({
  name: z.string(),
  /** Digest of its SQL. */
  digest: z.string(),
  state: z.enum(['passed', 'failed', 'not-run']),
  /** Number of rows that break it; at most those that were read. */
  rowCount: z.int().nullable(),
  /** More rows exist than were read. */
  isTruncated: z.boolean(),
  columns: z.array(z.string()),
  /** The first rows. */
  rows: z.array(z.array(z.string().nullable())),
  /** The tables that it read; its rows and messages are for users who may read all of them. */
  tables: z.array(identifierShape),
  /** Why it could not run. */
  message: z.string().nullable(),
  durationMs: z.int(),
})
export type CheckOutcome = z.output<typeof checkOutcome>

const runOutcome = z.object({ results: z.array(checkOutcome) })

/**
 * Queues a run of all checks of the table on a snapshot, or returns the one that is queued or in progress.
 *
 * @throws {AppError} not-found; invalid-request if the table has no checks
 */
export async function queueChecks(
  database: Database,
  table: LoadedTable,
  snapshotId: string,
  actor: Actor,
  requestId: string | null = null,
): Promise<Run> {
  snapshotById(table.metadata, snapshotId)
  const [branch] = Object.entries(table.metadata.refs).filter(
    ([, ref]) => ref.type === 'branch' && ref.snapshotId === snapshotId,
  )
  if (tableChecks(table.metadata.properties).length === 0)
    throw new AppError('invalid-request', 'The table has no saved checks. Save one first.')
  const [open] = (await listCheckRuns(database, table, snapshotId)).filter(isOpen)
  if (open) return open
  const task = {
    kind: CHECK_TABLE,
    title: `Check ${branch ? branch[0] : `snapshot ${snapshotId}`}`,
    spec: { snapshotId },
    actor: toRunActor(actor),
    table: table.identifier,
    exclusiveKey: checkKey(table, snapshotId),
  }
  const id = await queueRun(database, task, (runId) => [
    runAuditChange('start-run', { ...task, id: runId }, { actor, requestId }),
  ])
  const run = await readRun(database, id)
  if (!run) throw new Error(`The run ${id} is gone.`)
  return run
}

export function isOpen({ state }: Pick<Run, 'state'>): boolean {
  return state === 'queued' || state === 'running'
}

/** Newest first. */
export function listCheckRuns(database: Database, table: LoadedTable, snapshotId: string): Promise<Run[]> {
  return listRuns(database, {
    kind: CHECK_TABLE,
    table: table.identifier,
    exclusiveKey: checkKey(table, snapshotId),
    limit: MAX_LISTED_RUNS,
  })
}

/** The newest runs of the table's checks on any snapshot, newest first. */
export function listTableCheckRuns(database: Database, identifier: TableIdentifier): Promise<Run[]> {
  return listRuns(database, { kind: CHECK_TABLE, table: identifier, limit: MAX_LISTED_RUNS })
}

export type DatedOutcome = CheckOutcome & { checkedAtMs: number; startedByUserId: string }

/** The results of a run; empty until it has succeeded. */
export function outcomesOf({ state, outcome, finishedAtMs, actor }: Run): DatedOutcome[] {
  if (state !== 'succeeded' || outcome === null || finishedAtMs === null) return []
  const { results } = runOutcome.parse(outcome)
  return results.map((result) => ({ ...result, checkedAtMs: finishedAtMs, startedByUserId: actor.userId }))
}

/** A result belongs to the text of its check. */
export function digestOf(sql: string): string {
  return createHash('sha256').update(sql).digest('hex')
}

/** Not the name, which another table may get after this one is dropped. */
function checkKey({ metadata }: LoadedTable, snapshotId: string): string {
  return `${CHECK_TABLE} ${metadata.tableUuid} ${snapshotId}`
}
