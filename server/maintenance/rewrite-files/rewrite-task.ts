import 'server-only'
import * as z from 'zod'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { Actor } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { Change, Database } from '@/server/db/database'
import { runAuditChange, toRunActor } from '@/server/jobs/change-run'
import { listRuns, queueRun, readRun, type Run } from '@/server/db/jobs/runs'

/** Rewrites of data files as web processes know them. Workers carry them out: see `rewrite-run`. */

export const REWRITE_FILES = 'rewrite-files'

/** The limit of one run, which reports the rest for another run. */
export const MAX_FILES_PER_RUN = 1_000
export const MAX_BYTES_PER_RUN = 64 * 1024 ** 3
/** A file is written to the disk of the worker before it is moved to the table. */
export const MAX_FILE_BYTES = 16 * 1024 ** 3

/** The result of a run, stored with it. */
const outcomeSchema = z.object({
  /** Null when no file had to be rewritten. */
  snapshotId: z.string().nullable(),
  filesRewritten: z.int(),
  rowsRewritten: z.int(),
  bytesBefore: z.int(),
  bytesAfter: z.int(),
  /** Files that differ but stay as they are; the log has the reasons. */
  filesSkipped: z.int(),
  /** Files that differ and are for another run. */
  filesRemaining: z.int(),
  /** For reading, writing and checking the files. */
  rewriteMs: z.int(),
  /** That were set; older runs did not say. */
  codecs: z.string().nullable().default(null),
})
export type RewriteOutcome = z.output<typeof outcomeSchema>

export function parseRewriteOutcome(json: JsonObject): RewriteOutcome {
  return outcomeSchema.parse(json)
}

/** The task of a run, in addition to its table. */
const specSchema = z.object({
  /** The proposal by which another user approved it; null: one user acts alone. */
  proposalId: z.string().nullable().default(null),
})

export function parseRewriteSpec(spec: JsonObject): z.output<typeof specSchema> {
  return specSchema.parse(spec)
}

/** The run that is queued or in progress for the table, or null. */
export async function findOpenRewrite(database: Database, table: LoadedTable): Promise<Run | null> {
  const newest = await readNewestRewrite(database, table)
  return newest?.state === 'queued' || newest?.state === 'running' ? newest : null
}

/**
 * Queues a rewrite, or returns the one that is queued or in progress for the table.
 *
 * @param alongside further rows of its transaction; those of the audit if absent
 */
export async function queueRewrite(
  database: Database,
  table: LoadedTable,
  actor: Actor,
  {
    requestId = null,
    proposalId = null,
    alongside = (run) => [runAuditChange('start-run', run, { actor, requestId })],
  }: {
    requestId?: string | null
    proposalId?: string | null
    alongside?: (run: Pick<Run, 'id' | 'kind' | 'title' | 'table'>) => readonly Change[]
  } = {},
): Promise<Run> {
  const open = await findOpenRewrite(database, table)
  if (open !== null) return open
  const task = {
    kind: REWRITE_FILES,
    title: 'Rewrite files to the settings of the table',
    spec: proposalId === null ? {} : { proposalId },
    actor: toRunActor(actor),
    table: table.identifier,
    exclusiveKey: rewriteKey(table),
  }
  const id = await queueRun(database, task, (runId) => alongside({ ...task, id: runId }))
  const run = await readRun(database, id)
  if (!run) throw new Error(`The run ${id} is gone.`)
  return run
}

export async function readNewestRewrite(database: Database, table: LoadedTable): Promise<Run | null> {
  const [newest] = await listRewrites(database, { table, limit: 1 })
  return newest ?? null
}

/** How many of the newest runs are looked through for one that rewrote something. */
const MAX_LISTED_RUNS = 20

export type RewriteSpeed = {
  bytesPerSecond: number
  isOfTable: boolean
  /** The codecs that the rewrite wrote; null if unknown. */
  codecs: string | null
}

/**
 * The speed of the newest rewrite that rewrote files: one with these codecs, which matter most, of this table if
 * possible, otherwise the newest with others, or null.
 */
export async function readRewriteSpeed(
  database: Database,
  table: LoadedTable,
  codecs: string,
): Promise<RewriteSpeed | null> {
  const speeds: RewriteSpeed[] = []
  for (const isOfTable of [true, false]) {
    const runs = await listRewrites(database, { limit: MAX_LISTED_RUNS, ...(isOfTable && { table }) })
    for (const { state, outcome } of runs) {
      if (state !== 'succeeded' || outcome === null) continue
      const { bytesBefore, rewriteMs, codecs: written } = parseRewriteOutcome(outcome)
      if (bytesBefore > 0 && rewriteMs > 0)
        speeds.push({ bytesPerSecond: (bytesBefore / rewriteMs) * 1000, isOfTable, codecs: written })
    }
  }
  return speeds.find((speed) => speed.codecs === codecs) ?? speeds[0] ?? null
}

function listRewrites(database: Database, { table, limit }: { table?: LoadedTable; limit: number }): Promise<Run[]> {
  const ofTable = table && { table: table.identifier, exclusiveKey: rewriteKey(table) }
  return listRuns(database, { kind: REWRITE_FILES, limit, ...ofTable })
}

/** Not the name, which another table may get after this one is dropped. */
function rewriteKey({ metadata }: LoadedTable): string {
  return `${REWRITE_FILES} ${metadata.tableUuid}`
}
