import 'server-only'
import { AppError } from '@/lib/errors'
import { assignFreshIds } from '@/lib/iceberg/schema/schema'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { losesRows } from '@/lib/ingest/load-landing'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { requireNewName } from '@/lib/names/new-name'
import { nullIfNotFound } from '@/server/catalog/null-if-not-found'
import type { Run } from '@/server/db/jobs/runs'
import { requirePossibleLanding } from '@/server/ingest/land/possible-landing'
import { parseSchema } from '@/server/ingest/run/ingest-spec'
import { parsePartitionSpec } from '@/server/ingest/run/partition-text'
import { requireBranch } from '@/server/ingest/run/load-branch'
import { requireWritableFormat } from '@/server/ingest/run/writable-format'
import { requireEngine } from '@/server/ingest/saved-results/require-engine'
import {
  HOW_TO_SAVE_BY_TWO,
  type SaveResultSpec,
  toSaveResultTask,
} from '@/server/ingest/saved-results/save-result-spec'
import { toRunActor } from '@/server/jobs/change-run'
import type { TableServices } from '@/server/table/table-services'
import type { Action } from '../../pipeline/action'
import type { Attempt } from '../../pipeline/attempt'
import { type CarriedOut, carryOut } from '../../pipeline/carry-out'
import type { ChangeRequest, ChangeServices } from '../../pipeline/change-request'
import { readStartedRun, startRun } from '../start-run'

type Services = ChangeServices & Pick<TableServices, 'sqlEngine'>
type Save = { spec: SaveResultSpec }

/** Queues a run that saves the result of a query as rows of a table. The run checks again what it may when it starts. */
export const saveResultAction: Action<Services, TableIdentifier, Save, { run: Run }> = {
  kind: 'save-result',
  isHeld: true,
  proposalAdvice: HOW_TO_SAVE_BY_TWO,
  permissions: (on, { spec }) => [
    { permission: 'table:write', resource: on, ...(spec.create !== null && ({ isNew: true } as const)) },
  ],
  async commit(attempt, on, { spec }) {
    const { actor, services } = attempt
    requireEngine(services)
    if (spec.create === null) await requirePossibleSave(attempt, on, spec)
    else await requirePossibleTable(attempt, on, spec.create)
    return { run: await startRun(attempt, on, toSaveResultTask(on, spec, toRunActor(actor)), 'start-run') }
  },
  repeat: async ({ services }, _on, _save, auditId) => ({ run: await readStartedRun(services, auditId) }),
}

/** The run fails when the table exists already, so that it only adds. */
const saveNewResultAction: typeof saveResultAction = { ...saveResultAction, kind: 'save-new-result', isHeld: false }

/** @throws {AppError} as `carryOut` does */
export function saveResult(
  services: Services,
  on: TableIdentifier,
  spec: SaveResultSpec,
  request: ChangeRequest,
): Promise<CarriedOut<{ run: Run }>> {
  return carryOut(
    services,
    spec.create === null ? saveResultAction : saveNewResultAction,
    { on, input: { spec } },
    request,
  )
}

/** @throws {AppError} when the rows cannot land in the table like this */
export async function requirePossibleSave(
  attempt: Attempt<ChangeServices>,
  on: TableIdentifier,
  { landing }: Pick<SaveResultSpec, 'landing'>,
): Promise<void> {
  const { metadata, requireReadable } = await attempt.loadTable(on)
  requireReadable?.()
  requireWritableFormat(metadata.formatVersion, on)
  requireBranch(metadata, landing)
  requirePossibleLanding(landing, currentSchema(metadata))
  if (losesRows(landing)) attempt.requireTypedName(on)
}

/** @throws {AppError} when the table cannot be created like this, or exists */
export async function requirePossibleTable(
  attempt: Attempt<ChangeServices>,
  on: TableIdentifier,
  { schema, partitionBy }: NonNullable<SaveResultSpec['create']>,
): Promise<void> {
  requireNewName('table', on.table)
  parsePartitionSpec(partitionBy, assignFreshIds(parseSchema(schema)).schema)
  if ((await nullIfNotFound(() => attempt.loadTable(on))) !== null)
    throw new AppError(
      'already-exists',
      `${entryLabel(on)} already exists. Choose another name, or save into this table.`,
    )
}
