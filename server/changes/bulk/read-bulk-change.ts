import 'server-only'
import type { BulkNamespace, BulkStep } from '@/lib/contract/bulk-changes'
import type { BulkTableState } from '@/lib/contract/bulk-table-states'
import { AppError } from '@/lib/errors'
import { foldText } from '@/lib/search/fold-text'
import { namespaceLabel } from '@/lib/names/identifiers'
import { type Actor, isPermitted, requireVisible } from '@/server/auth/actor'
import type { Database } from '@/server/db/database'
import {
  readBulkTableNames,
  readBulkTables,
  readStoredBulkChange,
  type StoredBulkChange,
} from '@/server/db/jobs/bulk-changes'
import { listRuns, type Run } from '@/server/db/jobs/runs'
import { bulkRunKey, findBulkSpec } from '@/server/jobs/bulk-run-spec'
import { toBulkNamespaces } from './bulk-cells'
import { mayCarryOut } from './bulk-permissions'

/** The tables of a change that the actor may read, and its newest run. */
export async function readBulkChange(
  database: Database,
  on: { catalog: string; bulkChangeId: string },
  actor: Actor,
): Promise<{
  change: StoredBulkChange
  counts: Partial<Record<BulkTableState, number>>
  changedCount: number
  namespaces: BulkNamespace[]
  run: Run | null
  step: BulkStep | null
  canRun: boolean
  canCommitProposals: boolean
}> {
  const change = await requireBulkChange(database, on, actor)
  const run = await findNewestRun(database, on.bulkChangeId)
  const names = await readVisibleNames(database, change, actor)
  const counts: Partial<Record<BulkTableState, number>> = {}
  for (const { state } of names) counts[state] = (counts[state] ?? 0) + 1
  const changedCount = names.filter(hasItsChange).length
  const step = (run && findBulkSpec(run)?.step) ?? null
  const canRun = change.startedBy.userId === actor.userId
  const { catalog } = on
  const canCommitProposals =
    !canRun &&
    names.some(
      ({ namespace, table, state }) =>
        state === 'proposed' && mayCarryOut(actor, change, { catalog, namespace, table }),
    )
  const namespaces = toBulkNamespaces(names)
  return { change, counts, changedCount, namespaces, run, step, canRun, canCommitProposals }
}

/** Whether a table has what the change gave it: also if an undo has not reached it, or could not undo it. */
function hasItsChange({ state, auditId }: { state: BulkTableState; auditId: string | null }): boolean {
  return state === 'changed' || (auditId !== null && (state === 'undoing' || state === 'not-undone'))
}

const PAGE_SIZE = 100

/** A page of the tables of a change that the actor may read, with their results. */
export async function readBulkChangeTables(
  database: Database,
  on: { catalog: string; bulkChangeId: string },
  {
    state,
    search = '',
    offset = 0,
  }: { state?: BulkTableState | undefined; search?: string | undefined; offset?: number | undefined },
  actor: Actor,
) {
  if (offset < 0) throw new AppError('invalid-request', `An offset of ${offset} is before the first entry.`)
  const change = await requireBulkChange(database, on, actor)
  const words = foldText(search)
    .split(/\s+/)
    .filter((word) => word !== '')
  const found = (await readVisibleNames(database, change, actor)).filter((one) => {
    const name = foldText(namespaceLabel([...one.namespace, one.table]))
    return (state === undefined || one.state === state) && words.every((word) => name.includes(word))
  })
  const page = found.slice(offset, offset + PAGE_SIZE)
  const tables = await readBulkTables(
    database,
    on.bulkChangeId,
    page.map(({ position }) => position),
  )
  const end = offset + page.length
  return { tables, totalCount: found.length, nextOffset: end < found.length ? end : null }
}

/**
 * The names and states of its tables that the actor may read, in the order of the run. Other users than the one who
 * started it see grants on tables only if they may manage the access to them, as elsewhere.
 */
export async function readVisibleNames(
  database: Database,
  { bulkChangeId, catalog, changes, startedBy }: StoredBulkChange,
  actor: Actor,
) {
  const names = await readBulkTableNames(database, bulkChangeId)
  const isOfGrants = changes.some(({ kind }) => kind === 'grant') && startedBy.userId !== actor.userId
  const permission = isOfGrants ? 'access:manage' : 'table:read'
  return names.filter(({ namespace, table }) => isPermitted(actor, permission, { catalog, namespace, table }))
}

/** @throws {AppError} not-found, also for users who did not start it and may not read any of its tables */
export async function requireBulkChange(
  database: Database,
  { catalog, bulkChangeId }: { catalog: string; bulkChangeId: string },
  actor: Actor,
): Promise<StoredBulkChange> {
  requireVisible(actor, { catalog })
  const change = await readStoredBulkChange(database, bulkChangeId)
  const isReadable =
    change?.catalog === catalog &&
    (change.startedBy.userId === actor.userId || (await readVisibleNames(database, change, actor)).length > 0)
  if (!change || !isReadable)
    throw new AppError('not-found', 'There is no such change of many tables. It is removed 90 days after its start.')
  return change
}

/** An undo may wait for the end of the run that it undoes, so the newest run is not the only one that may be open. */
export async function hasOpenRun(database: Database, bulkChangeId: string): Promise<boolean> {
  const exclusiveKey = bulkRunKey(bulkChangeId)
  return (await listRuns(database, { exclusiveKey, states: ['queued', 'running'], limit: 1 })).length > 0
}

export async function findNewestRun(database: Database, bulkChangeId: string): Promise<Run | null> {
  const [run] = await listRuns(database, { exclusiveKey: bulkRunKey(bulkChangeId), limit: 1 })
  return run ?? null
}
