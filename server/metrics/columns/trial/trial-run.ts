import 'server-only'
import { z } from 'zod'
import { compressionSample, type CompressionSample } from '@/lib/contract/compression'
import { AppError, TRANSIENT_DATABASE_CODES } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { columnCompression, compressionLabel } from '@/lib/iceberg/properties/column-compression'
import { type IndexedField, indexFields } from '@/lib/iceberg/schema/schema'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { sum } from '@/lib/sum'
import { type Actor, actorFor, requirePermission } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/catalog-client'
import type { Database } from '@/server/db/database'
import { listRuns, queueRun, readRun, type Run } from '@/server/db/jobs/runs'
import type { RunContext, RunKind } from '@/server/jobs/run-kind'
import type { Services } from '@/server/services'
import { readLiveFiles } from '@/server/table/live-files'
import { currentSnapshot } from '../../sizes/snapshot-totals'
import { openDataFile } from '../open-data-file'
import { spreadEvenly } from '../spread-evenly'
import { samplePages } from './sample-pages'
import { type Candidate, CANDIDATES, tryCodec } from './try-codec'

export const COMPRESSION_TRIAL = 'compression-trial'

/** How many of the newest trials of a table are looked through for one of a column. */
const MAX_LISTED_RUNS = 200
const MAX_FILES = 16

const trialSpec = z.object({ fieldId: z.int() })

type TrialServices = Pick<Services, 'catalogs' | 'manifestCache'>

/**
 * Queues a trial, or returns the one that waits or is in progress for the column.
 *
 * @throws {AppError} not-found when the table has no such column with values
 */
export async function queueTrial(
  database: Database,
  table: LoadedTable,
  fieldId: number,
  { userId, username, role }: Actor,
): Promise<Run> {
  const { path } = requireLeaf(table, fieldId)
  const { identifier } = table
  const [open] = (await listTrials(database, identifier, fieldId)).filter(
    ({ state }) => state === 'queued' || state === 'running',
  )
  if (open) return open
  const id = await queueRun(database, {
    kind: COMPRESSION_TRIAL,
    title: `Try codecs on ${path.join('.')}`,
    spec: { fieldId },
    actor: { userId, username, role },
    table: identifier,
    exclusiveKey: `${COMPRESSION_TRIAL} ${table.metadata.tableUuid} ${fieldId}`,
  })
  const run = await readRun(database, id)
  if (!run) throw new Error(`The run ${id} is gone.`)
  return run
}

/** The newest trial of a column, and the result of the newest one that succeeded. */
export async function readTrial(
  database: Database,
  identifier: TableIdentifier,
  fieldId: number,
): Promise<{ run: Run | null; sample: CompressionSample | null; sampledAtMs: number | null }> {
  const runs = await listTrials(database, identifier, fieldId)
  const succeeded = runs.find(({ state }) => state === 'succeeded')
  return {
    run: runs[0] ?? null,
    sample: succeeded?.outcome ? compressionSample.parse(succeeded.outcome) : null,
    sampledAtMs: succeeded?.finishedAtMs ?? null,
  }
}

async function listTrials(database: Database, table: TableIdentifier, fieldId: number): Promise<Run[]> {
  const runs = await listRuns(database, { kind: COMPRESSION_TRIAL, table, limit: MAX_LISTED_RUNS })
  return runs.filter(({ spec }) => trialSpec.parse(spec).fieldId === fieldId)
}

/** Trials read pages and change nothing, so there is nothing to clean up. */
export function trialRuns(services: TrialServices): RunKind {
  return {
    maxConcurrent: 1,
    retryOn: [...TRANSIENT_DATABASE_CODES, 'catalog-unavailable'],
    work: (run, context) => runTrial(services, run, context),
    settle: async () => null,
    tidy: async () => {},
  }
}

async function runTrial(services: TrialServices, run: Run, context: RunContext): Promise<JsonObject> {
  const { signal } = context
  if (run.table === null) throw new AppError('invalid-request', 'A trial of codecs must name a table.')
  const actor = actorFor(run.actor)
  requirePermission(actor, 'table:write', run.table)
  const catalog = await services.catalogs.open(run.table.catalog, actor)
  const table = await catalog.loadTable(run.table, { signal })
  const { fieldId } = trialSpec.parse(run.spec)
  const { path } = requireLeaf(table, fieldId)
  const { pages, fileCount } = await samplePages(await openFiles(services, table, signal), { fieldId, path }, signal)
  const encodedBytes = sum(pages.map(({ plain }) => plain.length))
  context.log(
    `${formatQuantity(pages.length, 'page')} of ${formatQuantity(fileCount, 'file')}, ${formatBytes(encodedBytes)} before compression.`,
  )
  const trials = []
  const candidates = candidatesWith(columnCompression(table.metadata.properties, fieldId))
  for (const [i, candidate] of candidates.entries()) {
    context.report({
      phase: compressionLabel(candidate),
      bytesRead: i * encodedBytes,
      bytesTotal: candidates.length * encodedBytes,
      rowsRead: 0,
      filesWritten: 0,
    })
    const trial = await tryCodec(pages, candidate, { signal })
    if (trial.encodedBytes < encodedBytes) {
      context.log(
        `${compressionLabel(candidate)} took too long: it was tried on ${formatBytes(trial.encodedBytes)} only.`,
      )
    }
    trials.push(trial)
  }
  return {
    fieldId,
    fileCount,
    pageCount: pages.length,
    encodedBytes,
    storedBytes: sum(pages.map(({ storedBytes }) => storedBytes)),
    trials,
  }
}

/** Those of every trial, and the one that is set. */
function candidatesWith({ codec, level }: { codec: Candidate['codec'] | null; level: number | null }): Candidate[] {
  const isKnown = CANDIDATES.some((candidate) => candidate.codec === codec && candidate.level === level)
  return codec === null || isKnown ? [...CANDIDATES] : [...CANDIDATES, { codec, level }]
}

function requireLeaf({ metadata }: LoadedTable, fieldId: number): IndexedField {
  const found = indexFields(currentSchema(metadata)).get(fieldId)
  if (found && typeof found.field.type === 'string') return found
  throw new AppError('not-found', `The table has no column with the id ${fieldId} that holds values.`, {
    facts: { fieldId },
  })
}

async function openFiles(
  { manifestCache }: TrialServices,
  table: LoadedTable,
  signal: AbortSignal,
): Promise<ByteSource[]> {
  const { store, metadata } = table
  const live = await readLiveFiles(manifestCache, table, currentSnapshot(metadata), { store, signal })
  const parquet = live.filter(({ dataFile }) => dataFile.content === 'data' && dataFile.fileFormat === 'parquet')
  const sources = []
  for (const { dataFile } of spreadEvenly(parquet, MAX_FILES)) {
    sources.push(await openDataFile(store, dataFile.filePath, signal))
  }
  return sources
}
