import 'server-only'
import * as z from 'zod'
import { compressionSample, type CompressionSample } from '@/lib/contract/table/compression'
import { AppError } from '@/lib/errors'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { type IndexedField, indexFields } from '@/lib/iceberg/schema/schema'
import type { Actor } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { Database } from '@/server/db/database'
import { listRuns, queueRun, readRun, type Run } from '@/server/db/jobs/runs'

/** Trials of codecs as web processes know them, which load no codecs. Workers carry them out: see `trial-run`. */

export const COMPRESSION_TRIAL = 'compression-trial'

/** How many of the newest trials of a column are looked through for one that succeeded. */
const MAX_LISTED_RUNS = 20

export const trialSpec = z.object({ fieldId: z.int() })

/** The current snapshot when a trial began, and the data files from which the trial took pages. */
const sampledFiles = z.object({ snapshotId: z.string().nullable(), filePaths: z.array(z.string()) })
type SampledFiles = z.output<typeof sampledFiles>

/** The result of a trial. */
const trialOutcome = compressionSample.extend({ sampled: sampledFiles })

/**
 * Queues a trial, or returns the one that is queued or in progress for the column.
 *
 * @throws {AppError} not-found if the table has no such column with values
 */
export async function queueTrial(
  database: Database,
  table: LoadedTable,
  fieldId: number,
  { userId, username, role }: Actor,
): Promise<Run> {
  const { path } = requireLeaf(table, fieldId)
  const { identifier } = table
  const [open] = (await listTrials(database, table, fieldId)).filter(
    ({ state }) => state === 'queued' || state === 'running',
  )
  if (open) return open
  const id = await queueRun(database, {
    kind: COMPRESSION_TRIAL,
    title: `Try codecs on ${path.join('.')}`,
    spec: { fieldId },
    actor: { userId, username, role },
    table: identifier,
    exclusiveKey: trialKey(table, fieldId),
  })
  const run = await readRun(database, id)
  if (!run) throw new Error(`The run ${id} is gone.`)
  return run
}

type Trial = {
  run: Run | null
  sample: CompressionSample | null
  sampledAtMs: number | null
  /** See `getCompressionTrial`; null without a sample. */
  isSampleCurrent: boolean | null
}

/**
 * The newest trial of a column, and the result of the newest one that succeeded.
 *
 * @param readLivePaths of all data files of the current snapshot; called only if the snapshot is not the sampled one
 */
export async function readTrial(
  database: Database,
  table: LoadedTable,
  fieldId: number,
  readLivePaths: () => Promise<ReadonlySet<string>>,
): Promise<Trial> {
  const runs = await listTrials(database, table, fieldId)
  const succeeded = runs.find(({ state }) => state === 'succeeded')
  const run = runs[0] ?? null
  // Trials of earlier releases had no estimate of the change: the column has to be sampled again.
  const outcome = succeeded?.outcome ? trialOutcome.safeParse(succeeded.outcome).data : undefined
  if (!succeeded || !outcome) return { run, sample: null, sampledAtMs: null, isSampleCurrent: null }
  const { sampled, ...sample } = outcome
  return {
    run,
    sample,
    sampledAtMs: succeeded.finishedAtMs,
    isSampleCurrent: await areLive(sampled, table, readLivePaths),
  }
}

async function areLive(
  { snapshotId, filePaths }: SampledFiles,
  { metadata }: LoadedTable,
  readLivePaths: () => Promise<ReadonlySet<string>>,
): Promise<boolean> {
  if (snapshotId === metadata.currentSnapshotId) return true
  const livePaths = await readLivePaths()
  return filePaths.every((path) => livePaths.has(path))
}

function listTrials(database: Database, table: LoadedTable, fieldId: number): Promise<Run[]> {
  const filter = { kind: COMPRESSION_TRIAL, table: table.identifier, exclusiveKey: trialKey(table, fieldId) }
  return listRuns(database, { ...filter, limit: MAX_LISTED_RUNS })
}

/** Not the name, which another table may get after this one is dropped. */
function trialKey({ metadata }: LoadedTable, fieldId: number): string {
  return `${COMPRESSION_TRIAL} ${metadata.tableUuid} ${fieldId}`
}

export function requireLeaf({ metadata }: LoadedTable, fieldId: number): IndexedField {
  const found = indexFields(currentSchema(metadata)).get(fieldId)
  if (found && typeof found.field.type === 'string') return found
  throw new AppError('not-found', `The table has no column with the id ${fieldId} that holds values.`, {
    facts: { fieldId },
  })
}
