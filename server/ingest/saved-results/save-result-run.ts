import 'server-only'
import path from 'node:path'
import { type ErrorCode, AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import type { TableState } from '@/lib/query/table-state'
import type { LakeRequest } from '@/server/engines/sql-engine'
import type { Actor } from '@/server/auth/actor'
import type { DuckdbLimits } from '@/server/data-files/duckdb/duckdb-session'
import { readRunActor } from '@/server/jobs/run-actor'
import { toPrivateError } from '@/server/jobs/private-runs'
import type { RunKind } from '@/server/jobs/run-kind'
import type { TableServices } from '@/server/table/table-services'
import { hasSnapshotOf, unknownSnapshotError } from '@/server/table-writes/snapshot-journal'
import type { TableWrite } from '@/server/table-writes/table-write'
import { tableWriteRuns } from '@/server/table-writes/table-write-runs'
import { clock } from '@/server/timing/clock'
import { landingStrategy } from '../land/choose-landing'
import { discardIngest, type IngestJournal, ingestJournalSchema } from '../run/ingest-journal'
import { emptyOutcome, NO_FILE_COUNTS, parseIngestOutcome } from '../run/ingest-outcome'
import { DEFAULT_LIMITS, Ingest } from '../run/ingest-run'
import { scheduleStateChanges } from '../run/schedule-state'
import { type IngestSpec, toFileLocation } from '../run/ingest-spec'
import type { RunStage } from '../run/run-child'
import { beginRepeat, withRepeat } from './repeat'
import { requireEngine } from './require-engine'
import { HOW_TO_SAVE_BY_TWO, parseSaveResultSpec, type SavedQuery, type SaveResultSpec } from './save-result-spec'

/** The largest result, as a Parquet file. */
const MAX_SAVED_BYTES = 4 * 1024 * 1024 * 1024
/** How long a run may read with grants that its user has lost. */
const ACTOR_MS = 5_000

/** Reads for a statement as a user: see `LakeAccess`. */
type ReadFetch = (actor: Actor, request: LakeRequest, signal: AbortSignal) => Promise<Response>

type SaveOptions = { readFetch: ReadFetch; runStage: RunStage; limits?: DuckdbLimits; maxBytes?: number }

/**
 * Runs that save the result of a query: the engine writes it to a file, with the grants of the user of the run, and this
 * file is the input of a load.
 */
export function saveResultRuns(
  services: TableServices,
  { readFetch, runStage, limits = DEFAULT_LIMITS, maxBytes = MAX_SAVED_BYTES }: SaveOptions,
): RunKind {
  return tableWriteRuns<IngestJournal>(services, {
    // One query process and one that stages, in addition to those of other kinds.
    maxConcurrent: 1,
    retryOn: ({ spec }) =>
      landingStrategy(parseSaveResultSpec(spec).landing.operation).onConflict === 'fail' ? [] : ['commit-conflict'],
    firstPhase: null,
    keepsFiles: false,
    needs: ({ table }) => [{ permission: 'table:write', resource: table }],
    parseJournal: (json) => ingestJournalSchema.parse(json),
    produce: async (write) => {
      const spec = parseSaveResultSpec(write.run.spec)
      const repeat = spec.repeat === undefined ? null : await beginRepeat(services, write, spec.repeat)
      if (repeat?.isEmpty) {
        write.log('No table has rows that were not read before, so the query does not run and no snapshot is created.')
        return { ...emptyOutcome(NO_FILE_COUNTS, repeat.scheduleState) }
      }
      const query = withRepeat(spec.query, repeat)
      const source = {
        listInput: async (folder: string) => {
          const file = path.join(folder, 'result.parquet')
          await saveQuery(services, write, { query, tableStates: repeat?.states ?? [], file, readFetch, maxBytes })
          return [{ location: toFileLocation(file) }]
        },
        noticesRepeats: false,
        proposalAdvice: HOW_TO_SAVE_BY_TWO,
        summary: { 'lakeshore.input-format': 'query' },
        ...(repeat !== null && { scheduleState: repeat.scheduleState }),
      }
      return new Ingest(services, write, { spec: toIngestSpec(spec), source, runStage, limits }).run()
    },
    isCommitted: hasSnapshotOf,
    successChanges: scheduleStateChanges,
    parseOutcome: (json) => ({ ...parseIngestOutcome(json) }),
    unknownError: (journal) => unknownSnapshotError(journal, 'Check the table before you save the result again.'),
    discard: discardIngest,
  })
}

function toIngestSpec(spec: SaveResultSpec): IngestSpec {
  // The columns of a query are chosen: those that it leaves out are null on purpose, and its texts are meant as they are.
  const confirmed = { allowNullColumns: true, allowAmbiguousNumbers: true }
  return { ...spec, ...confirmed, input: [], format: 'parquet', ignoreExtra: false }
}

type SavedFile = {
  query: SavedQuery
  tableStates: readonly TableState[]
  file: string
  readFetch: ReadFetch
  maxBytes: number
}

/** @throws {AppError} as the engine does; what only the user of the run may see is no part of the message */
async function saveQuery(
  services: TableServices,
  write: TableWrite<IngestJournal>,
  { query, tableStates, file, readFetch, maxBytes }: SavedFile,
): Promise<void> {
  const { run, signal } = write
  const engine = requireEngine(services)
  const connections = (await services.catalogs.listSummaries(write.actor)).map(({ name }) => name)
  const currentActor = keepActor(services, write)
  write.report({ phase: 'querying' })
  write.log('Running the query.')
  try {
    const { rowCount } = await engine.save(
      { ...query, connections, maxRows: 1 },
      {
        file,
        signal,
        limits: { resultBytes: maxBytes },
        tableStates,
        access: { read: async (request, readSignal) => readFetch(await currentActor(), request, readSignal) },
        onProgress: ({ readBytes, totalBytes }) =>
          write.report({ phase: 'querying', done: readBytes, total: totalBytes === 0 ? null : totalBytes }),
      },
    )
    write.log(`The query returned ${formatQuantity(rowCount, 'row')}.`)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof AppError) || !PRIVATE_CODES.has(error.code)) throw error
    throw toPrivateError(`The query of this run failed, so nothing was saved. ${run.actor.username} sees why.`, error)
  }
  write.report({ done: 0, total: null })
}

/** Failures whose messages may have names or values that not every reader of the table may see. */
const PRIVATE_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'query-failed',
  'not-found',
  'forbidden',
  'not-supported',
  'invalid-request',
  'file-missing',
  'file-damaged',
])

/** The user of the run with their grants, which are read again while the query runs. */
function keepActor({ database }: TableServices, { run, actor }: TableWrite<IngestJournal>): () => Promise<Actor> {
  let known = { actor: Promise.resolve(actor), readAtMs: clock.elapsedMs() }
  return () => {
    const nowMs = clock.elapsedMs()
    if (nowMs - known.readAtMs > ACTOR_MS)
      known = { actor: readRunActor(database, run, 'The query was stopped.'), readAtMs: nowMs }
    return known.actor
  }
}
