import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { TableState } from '@/lib/query/table-state'
import { nullIfNotFound } from '@/server/catalog/null-if-not-found'
import { readSchedule } from '@/server/db/jobs/schedules'
import { toPrivateError } from '@/server/jobs/private-runs'
import type { TableServices } from '@/server/table/table-services'
import type { TableWrite } from '@/server/table-writes/table-write'
import type { IngestJournal } from '../run/ingest-journal'
import { planAppendedReads } from './plan-appended-reads'
import { parsePositions, toRepeatState } from './repeat-state'
import { withRunParameters } from './run-parameters'
import { requireSettledRun } from './settled-run'
import type { RepeatedResult, SavedQuery } from './save-result-spec'

/** A run of a schedule that has fixed what it reads. */
export type Repeat = {
  spec: RepeatedResult
  states: readonly TableState[]
  /** No table has rows that were not read before. */
  isEmpty: boolean
  /** The state of the schedule once the result is saved. */
  scheduleState: JsonObject
  runAtMs: number
}

/** Failures whose messages name tables that not every reader of the run may see. */
const PRIVATE_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'version-conflict',
  'invalid-request',
  'too-large',
  'not-found',
  'forbidden',
  'not-supported',
  'file-missing',
  'file-damaged',
])

/**
 * Finds what the run reads. Positions are those of the schedule now, and not those when the run was queued: a run that
 * is retried must not read rows that another one has read since. Two runs of one schedule are never executed at once.
 *
 * @throws {AppError} not-found when the schedule was removed; as `planAppendedReads`, with a message for the user of the
 *   run alone
 */
export async function beginRepeat(
  services: TableServices,
  write: TableWrite<IngestJournal>,
  spec: RepeatedResult,
): Promise<Repeat> {
  const { run, actor, signal } = write
  const schedule = run.scheduleId === null ? null : await readSchedule(services.database, run.scheduleId)
  if (schedule === null) throw new AppError('not-found', 'The saved result of this run was removed. Nothing was read.')
  const target = await nullIfNotFound(() => write.catalog.loadTable(run.table, { signal }))
  if (target !== null) await requireSettledRun(services, schedule, target)
  const repeat = { spec, runAtMs: run.startedAtMs ?? run.createdAtMs }
  const { incremental, slotAtMs } = spec
  const positions = parsePositions(schedule.state, incremental.length)
  try {
    const reads = await planAppendedReads(services, incremental, positions, { actor, signal })
    for (const sentence of reads.sentences) write.log(sentence)
    const isEmpty = incremental.length > 0 && reads.isEmpty
    return { ...repeat, states: reads.states, isEmpty, scheduleState: toRepeatState(reads.positions, { slotAtMs }) }
  } catch (error) {
    if (!(error instanceof AppError) || !PRIVATE_CODES.has(error.code)) throw error
    throw toPrivateError(
      `The tables of this run could not be read, so nothing was saved. ${run.actor.username} sees why.`,
      error,
    )
  }
}

/** The query with the parameters of the run. */
export function withRepeat(query: SavedQuery, repeat: Repeat | null): SavedQuery {
  if (repeat === null) return query
  return { ...query, parameters: withRunParameters(query.parameters ?? [], repeat.spec, repeat.runAtMs) }
}
