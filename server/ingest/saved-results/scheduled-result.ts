import 'server-only'
import * as z from 'zod'
import { incrementalTables } from '@/lib/contract/shapes/load-options'
import { AppError, type ErrorCode } from '@/lib/errors'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { IncrementalTable } from '@/lib/ingest/incremental-table'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { LakeServices } from '@/server/catalog/lake-services'
import { nullIfNotFound } from '@/server/catalog/null-if-not-found'
import type { Schedule } from '@/server/db/jobs/schedules'
import { SAVE_RESULT } from '@/server/jobs/private-runs'
import type { ScheduledKind } from '@/server/jobs/scheduled-kind'
import { requireApprovedRun } from '@/server/policy/approved-runs'
import { parseLastSlot } from './repeat-state'
import { HOW_TO_SAVE_BY_TWO, type SaveResultSpec, saveResultFields, toSaveResultTask } from './save-result-spec'
import { requireSettledRun } from './settled-run'
import { namedTables } from './statement-tables'

/** A result that a schedule saves again and again; stored with the schedule as JSON. */
export type ScheduledResult = Omit<SaveResultSpec, 'repeat'> & { incremental: readonly IncrementalTable[] }

const scheduledResult = z.object({ ...saveResultFields, incremental: incrementalTables })

export function toScheduledSpec(result: ScheduledResult): JsonObject {
  return scheduledResult.encode(result)
}

export function parseScheduledResult(spec: JsonObject): ScheduledResult {
  return scheduledResult.parse(spec)
}

/** After these failures each later run would meet the same until a user acts. */
const PAUSES_AFTER: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'version-conflict',
  'commit-state-unknown',
  'not-found',
  'forbidden',
  'invalid-request',
  'not-supported',
])

/** How saved results are repeated. The statement is the owner's own, so that no other user can take it over. */
export const scheduledResultKind: ScheduledKind = {
  needs: ({ table }) => (table === null ? [] : [{ permission: 'table:write', resource: table }]),
  canBeTakenOver: false,
  describe: () => 'the result of a query',
  readsOn: ({ spec }) => parseScheduledResult(spec).incremental.length > 0,
  pausesAfter: PAUSES_AFTER,
  async prepareRun(services, schedule, { actor, nowMs, signal }) {
    const { id, table, title } = schedule
    if (table === null) throw new AppError('invalid-request', 'It names no table to save its result in.')
    const { incremental, ...result } = parseScheduledResult(schedule.spec)
    await requireReadable(services, actor, { ...result, incremental })
    const catalog = await services.catalogs.open(table.catalog, actor)
    const target = await nullIfNotFound(() => catalog.loadTable(table, { signal }))
    if (target === null && result.create === null)
      return { pausedBecause: 'The table that it saves its result in does not exist.' }
    if (target !== null) {
      const run = { table, actor: schedule.actor, proposalId: null }
      await requireApprovedRun(services.database, run, HOW_TO_SAVE_BY_TWO)
      await requireSettledRun(services, schedule, target)
    }
    const slotAtMs = dueAt(schedule, nowMs)
    const repeat = { slotAtMs, previousSlotAtMs: parseLastSlot(schedule.state), incremental }
    const spec = { ...result, create: target === null ? result.create : null, repeat }
    return { ...toSaveResultTask(table, spec, schedule.actor), title, exclusiveKey: `${SAVE_RESULT} ${id}` }
  },
}

/** When the run was due: its time if it starts by times, and now for any other. */
function dueAt({ startsBy, nextAtMs }: Schedule, nowMs: number): number {
  return startsBy === 'times' && nextAtMs !== null && nextAtMs <= nowMs ? nextAtMs : nowMs
}

/**
 * Readers of the schedule may not know the tables of its statement, so that the message names none.
 *
 * @throws {AppError} forbidden
 */
async function requireReadable(
  { catalogs }: Pick<LakeServices, 'catalogs'>,
  actor: Actor,
  { query, incremental }: ScheduledResult,
): Promise<void> {
  const connections = (await catalogs.listSummaries(actor)).map(({ name }) => name)
  const tables = [...namedTables(query, connections), ...incremental.map(({ table }) => table)]
  if (tables.every((table) => isPermitted(actor, 'table:read', table))) return
  throw new AppError('forbidden', `Its owner ${actor.username} may no longer read a table of its statement.`)
}
