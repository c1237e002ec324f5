import 'server-only'
import type * as z from 'zod'
import type { RequestedInput } from '@/lib/contract/shapes/load-options'
import type { getLoad, LoadCorrection } from '@/lib/contract/loads/loads'
import { MAX_LISTED_CORRECTIONS } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { APPEND_TO_MAIN } from '@/lib/ingest/load-landing'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import { entryLabel, isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Actor } from '@/server/auth/actor'
import type { LakeServices } from '@/server/catalog/lake-services'
import { nullIfNotFound } from '@/server/catalog/null-if-not-found'
import type { Database } from '@/server/db/database'
import { listCorrectingRuns, type Run } from '@/server/db/jobs/runs'
import { canChange, requireReadableRun } from '@/server/jobs/run-view'
import { toNumberQuestion } from '../readings/number-facts'
import { parseIngestOutcome } from './ingest-outcome'
import { mightHoldRowsOf } from './repeats/earlier-loads'
import { REPEATED_INPUT } from './repeats/repeat-error'
import { INGEST, inputName, type InputSource, parseIngestSpec } from './ingest-spec'

type LoadRun = Run & { table: TableIdentifier }

/**
 * A load, for users who may write its table: its rejected rows have all fields of the file, also those that the table
 * does not have.
 *
 * @throws {AppError} not-found; forbidden
 */
export async function requireOwnLoad(
  database: Database,
  runId: string,
  actor: Actor,
  kinds: readonly string[] = [INGEST],
): Promise<LoadRun> {
  const run = await requireReadableRun(database, runId, actor)
  const { kind, table } = run
  if (!kinds.includes(kind) || table === null) throw new AppError('not-found', `The run ${runId} is not a load.`)
  if (!canChange(actor, run))
    throw new AppError('forbidden', 'Only users who may write the table see what a load has read and rejected.')
  return { ...run, table }
}

/**
 * Checks that a load may say that it corrects another one.
 *
 * @throws {AppError} as {@link requireOwnLoad}; invalid-request for one of another table, or one that loaded nothing
 */
export async function requireCorrectedLoad(
  database: Database,
  runId: string,
  { on, actor }: { on: TableIdentifier; actor: Actor },
): Promise<void> {
  const { table, state } = await requireOwnLoad(database, runId, actor)
  if (!isSameTable(table, on))
    throw new AppError('invalid-request', `The run ${runId} loaded ${entryLabel(table)}, and not this table.`)
  if (state !== 'succeeded')
    throw new AppError('invalid-request', `The run ${runId} has not loaded anything. Load its files again instead.`)
}

type RequestReader = { actor: Actor; signal: AbortSignal }

/**
 * The request of a load, with every default, and the loads that correct it.
 *
 * @throws {AppError} if the table has to be read for a correction, and cannot be
 */
export async function readLoadRequest(
  services: Pick<LakeServices, 'database' | 'catalogs'>,
  load: LoadRun,
  reader: RequestReader,
): Promise<z.output<typeof getLoad.output>> {
  return { ...toLoadRequest(load), corrections: await listCorrections(services, load, reader) }
}

/** Corrections that have committed rows, or still may, newest first. */
async function listCorrections(
  { database, catalogs }: Pick<LakeServices, 'database' | 'catalogs'>,
  load: LoadRun,
  { actor, signal }: RequestReader,
): Promise<LoadCorrection[]> {
  const { table } = load
  const listed = await findCorrections(database, load)
  if (!listed.some(({ run }) => run.state === 'succeeded')) return listed.map((found) => toCorrection(found, null))
  const catalog = await catalogs.open(table.catalog, actor)
  // A table that was dropped has none of their rows.
  const loaded = await nullIfNotFound(() => catalog.loadTable(table, { signal }))
  return listed.map((found) => toCorrection(found, loaded?.metadata ?? null))
}

type FoundCorrection = { run: Run; correctsRunId: string }

/** The corrections of a load, and those of the rows that a correction has rejected again. */
async function findCorrections(database: Database, { id, table }: LoadRun): Promise<FoundCorrection[]> {
  const found: FoundCorrection[] = []
  // One that has rejected all of its rows again is not listed, but searched.
  const open = [id]
  for (const runId of open) {
    const runs = await listCorrectingRuns(database, { runId, kind: INGEST, table })
    for (const run of runs) {
      const { rowsCommitted, rowsRejected } = countRows(run)
      if (run.state !== 'succeeded' || rowsCommitted > 0) found.push({ run, correctsRunId: runId })
      if (rowsRejected > 0 && open.length < MAX_LISTED_CORRECTIONS) open.push(run.id)
    }
  }
  return found.toSorted((a, b) => (a.run.id < b.run.id ? 1 : -1)).slice(0, MAX_LISTED_CORRECTIONS)
}

function countRows({ outcome }: Run): { rowsCommitted: number; rowsRejected: number } {
  return outcome === null ? { rowsCommitted: 0, rowsRejected: 0 } : parseIngestOutcome(outcome)
}

function toCorrection({ run, correctsRunId }: FoundCorrection, metadata: TableMetadata | null): LoadCorrection {
  const { id: runId, finishedAtMs } = run
  if (run.state !== 'succeeded') {
    const state = run.state === 'running' ? 'running' : 'queued'
    return { runId, correctsRunId, state, rowsCommitted: null, isUndone: false, finishedAtMs: null }
  }
  const isUndone = metadata === null || !mightHoldRowsOf(metadata, run)
  const { rowsCommitted } = countRows(run)
  return { runId, correctsRunId, state: run.state, rowsCommitted, isUndone, finishedAtMs }
}

function toLoadRequest({ table, spec, outcome, error }: LoadRun): Omit<z.output<typeof getLoad.output>, 'corrections'> {
  const { input, format, csv, mapping = BY_NAME, landing = APPEND_TO_MAIN, ...rest } = parseIngestSpec(spec)
  const { columns, ignoredFields } = mapping
  const recordsSaved = outcome?.['recordsSaved']
  const repeatedFile = error?.facts[REPEATED_INPUT]
  return {
    table: { ...table, namespace: [...table.namespace] },
    files: input.map((source) => ({ name: inputName(source), input: toRequestedInput(source) })),
    format,
    csv: format === 'csv' ? { ...CSV_DEFAULTS, ...csv } : null,
    mapping: { columns: { ...columns }, ignoredFields: [...ignoredFields] },
    ignoreExtra: rest.ignoreExtra,
    allowNullColumns: rest.allowNullColumns ?? false,
    allowAmbiguousNumbers: rest.allowAmbiguousNumbers ?? false,
    loadAgain: rest.loadAgain ?? false,
    repeatedFile: typeof repeatedFile === 'string' ? repeatedFile : null,
    question: toNumberQuestion(error?.facts ?? {}),
    maxRejectedRows: rest.maxRejectedRows,
    ...(rest.maxRejectedShare !== undefined && { maxRejectedShare: rest.maxRejectedShare }),
    landing: { ...landing },
    recordsSaved: typeof recordsSaved === 'number' ? recordsSaved : 0,
    correctsRunId: rest.correctsRunId ?? null,
  }
}

function toRequestedInput(source: InputSource): RequestedInput | null {
  if ('location' in source) return null
  if ('uploadId' in source) return { uploadId: source.uploadId }
  // A repetition of the load reads the file as it is now.
  if ('url' in source) return { url: source.url }
  const { loadLocation: location } = source
  return 'path' in source ? { location, path: source.path } : { location, match: source.match }
}
