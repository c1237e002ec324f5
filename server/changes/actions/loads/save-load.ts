import 'server-only'
import { AppError } from '@/lib/errors'
import { APPEND_TO_MAIN, losesRows } from '@/lib/ingest/load-landing'
import type { FileRepeats } from '@/lib/ingest/file-repeats'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { readAudit } from '@/server/db/audit-list'
import { createSchedule, readSchedule, type Schedule } from '@/server/db/jobs/schedules'
import {
  HOW_TO_LOAD_WITH_TWO,
  type IngestSpec,
  type LocationFile,
  type LocationPattern,
} from '@/server/ingest/run/ingest-spec'
import { requireNamedFiles } from '@/server/ingest/run/location-sources'
import { savedLoadKind } from '@/server/ingest/saved-loads/saved-load-kind'
import { toSavedLoadTask } from '@/server/ingest/saved-loads/saved-load-spec'
import { planSchedule, type RequestedStart, toStoredSchedule } from '@/server/jobs/change-schedule'
import { auditedSchedule } from '@/server/jobs/prepare-run'
import type { LakeServices } from '@/server/catalog/lake-services'
import type { Action } from '../../pipeline/action'
import type { ChangeServices } from '../../pipeline/change-request'
import { withColumnIds } from './landing-filter'

type SavingServices = ChangeServices & LakeServices

export type SavedLoadRequest = {
  name: string
  start: RequestedStart
  repeats: FileRepeats
  inputs: readonly (LocationFile | LocationPattern)[]
  options: Omit<IngestSpec, 'input' | 'create' | 'history' | 'uploadedBy' | 'proposed' | 'saved' | 'correctsRunId'>
}

/** Saves a load of files of load locations, which a schedule repeats for its user. */
export const saveLoadAction: Action<SavingServices, TableIdentifier, SavedLoadRequest, { schedule: Schedule }> = {
  kind: 'save-load',
  isHeld: true,
  proposalAdvice: HOW_TO_LOAD_WITH_TWO,
  permissions: (on) => [{ permission: 'table:write', resource: on }],
  async commit(attempt, on, { name, start, repeats, inputs, options }) {
    const { services, actor, signal } = attempt
    for (const input of inputs) requireNamedFiles(services.config, input)
    if (losesRows(options.landing ?? APPEND_TO_MAIN)) attempt.requireTypedName(on)
    const { metadata, requireReadable } = await attempt.loadTable(on)
    requireReadable?.()
    const load = { ...options, ...withColumnIds(options, metadata), input: [...inputs], create: null }
    const task = toSavedLoadTask(on, name, { load, tableUuid: metadata.tableUuid, ...repeats })
    const { schedule, hasNoLimit } = await planSchedule(services, { task, ...start }, { actor, signal })
    const stored = toStoredSchedule(schedule)
    const nowMs = services.database.nowMs()
    const prepared = await savedLoadKind.prepareRun(services, stored, { actor, nowMs, signal })
    if ('pausedBecause' in prepared) throw new AppError('invalid-request', prepared.pausedBecause)
    const after = { schedule: auditedSchedule(stored) }
    const known = attempt.entry({ action: 'create-schedule', table: on, before: null, after })
    await createSchedule(services.database, schedule, { hasNoLimit }, attempt.recorded({ known }).alongside(undefined))
    return { schedule: await requireSchedule(services, schedule.id) }
  },
  async repeat({ services }, _on, _request, auditId) {
    const id = (await readAudit(services.database, auditId))?.after?.schedule?.id
    if (id === undefined) throw new Error(`The audit entry ${auditId} names no schedule.`)
    return { schedule: await requireSchedule(services, id) }
  },
}

async function requireSchedule({ database }: Pick<LakeServices, 'database'>, id: string): Promise<Schedule> {
  const schedule = await readSchedule(database, id)
  if (schedule === null) throw new AppError('not-found', 'The saved load was removed.')
  return schedule
}
