import 'server-only'
import { AppError } from '@/lib/errors'
import { incrementalProblem } from '@/lib/ingest/incremental-table'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { readAudit } from '@/server/db/audit-list'
import { createSchedule, readSchedule, type Schedule } from '@/server/db/jobs/schedules'
import { planAppendedReads } from '@/server/ingest/saved-results/plan-appended-reads'
import { requireEngine } from '@/server/ingest/saved-results/require-engine'
import { HOW_TO_SAVE_BY_TWO } from '@/server/ingest/saved-results/save-result-spec'
import {
  type ScheduledResult,
  scheduledResultKind,
  toScheduledSpec,
} from '@/server/ingest/saved-results/scheduled-result'
import { planSchedule, type RequestedStart, toStoredSchedule } from '@/server/jobs/change-schedule'
import { auditedSchedule } from '@/server/jobs/prepare-run'
import { SAVE_RESULT } from '@/server/jobs/private-runs'
import type { TableServices } from '@/server/table/table-services'
import type { Action } from '../../pipeline/action'
import { type CarriedOut, carryOut } from '../../pipeline/carry-out'
import type { ChangeRequest, ChangeServices } from '../../pipeline/change-request'
import { requirePossibleSave, requirePossibleTable } from './save-result'

type Services = ChangeServices & TableServices
type Repeat = { name: string; result: ScheduledResult; start: RequestedStart }
type Repeated = { schedule: Schedule }

/** Saves a statement whose result runs bring into a table again and again. Each run checks again what it may. */
export const repeatResultAction: Action<Services, TableIdentifier, Repeat, Repeated> = {
  kind: 'repeat-result',
  isHeld: true,
  proposalAdvice: HOW_TO_SAVE_BY_TWO,
  permissions: (on, { result: { create, incremental } }) => [
    { permission: 'table:write', resource: on, ...(create !== null && ({ isNew: true } as const)) },
    ...incremental.map(({ table }) => ({ permission: 'table:read', resource: table }) as const),
  ],
  async commit(attempt, on, { name, result, start }) {
    const { actor, services, signal } = attempt
    requireEngine(services)
    if (result.create === null) await requirePossibleSave(attempt, on, result)
    else await requirePossibleTable(attempt, on, result.create)
    const problem = incrementalProblem(result.incremental, result.landing)
    if (problem !== null) throw new AppError('invalid-request', problem)
    // A table that cannot be read like this is refused now, and not in the first run.
    await planAppendedReads(services, result.incremental, [], { actor, signal })
    const task = { kind: SAVE_RESULT, title: name, spec: toScheduledSpec(result), table: on }
    const { schedule, hasNoLimit } = await planSchedule(services, { task, ...start }, { actor, signal })
    const stored = toStoredSchedule(schedule)
    const nowMs = services.database.nowMs()
    const prepared = await scheduledResultKind.prepareRun(services, stored, { actor, nowMs, signal })
    if ('pausedBecause' in prepared) throw new AppError('invalid-request', prepared.pausedBecause)
    const after = { schedule: auditedSchedule(stored) }
    const known = attempt.entry({ action: 'create-schedule', table: on, before: null, after })
    const alongside = attempt.recorded({ known }).alongside(undefined)
    await createSchedule(services.database, schedule, { hasNoLimit }, alongside)
    return { schedule: await requireSchedule(services, schedule.id) }
  },
  repeat: async ({ services }, _on, _repeat, auditId) => ({
    schedule: await requireSchedule(services, (await readAudit(services.database, auditId))?.after?.schedule?.id),
  }),
}

/** @throws {AppError} as `carryOut` does */
export function repeatResult(
  services: Services,
  on: TableIdentifier,
  repeat: Repeat,
  request: ChangeRequest,
): Promise<CarriedOut<Repeated>> {
  return carryOut(services, repeatResultAction, { on, input: repeat }, request)
}

async function requireSchedule({ database }: Pick<Services, 'database'>, id: string | undefined): Promise<Schedule> {
  const schedule = id === undefined ? null : await readSchedule(database, id)
  if (schedule === null) throw new AppError('not-found', 'The saved result was removed.')
  return schedule
}
