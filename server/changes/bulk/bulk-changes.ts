import 'server-only'
import { ulid } from 'ulid'
import type { BulkChange } from '@/lib/changes/intents/bulk-change'
import { bulkChangesProblem } from '@/lib/changes/intents/bulk-intents'
import type { BulkStep, TableSelection } from '@/lib/contract/bulk-changes'
import type { BulkTableState } from '@/lib/contract/bulk-table-states'
import { MAX_BULK_TABLES } from '@/lib/contract/shapes/bulk-limits'
import { ENDED_STATES } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { foldText } from '@/lib/search/fold-text'
import { joinNamespace, type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { type Actor, isPermitted, requireVisible } from '@/server/auth/actor'
import {
  addBulkChangeChanges,
  bulkStateChange,
  countBulkTables,
  readBulkTableNames,
  readBulkTables,
  readStoredBulkChange,
  type StoredBulkChange,
} from '@/server/db/jobs/bulk-changes'
import { type Change, type Database, UnexpectedChanges } from '@/server/db/database'
import { findStoredResponse, responseChanges } from '@/server/db/idempotency'
import { listRuns, queueRunChange, type Run } from '@/server/db/jobs/runs'
import { bulkRunKey, type BulkRunSpec, CHANGE_TABLES, findBulkSpec } from '@/server/jobs/bulk-run-spec'
import { runAuditChange, toRunActor } from '@/server/jobs/change-run'
import type { ChangeRequest, ChangeServices } from '../pipeline/change-request'
import { writeKey } from '../pipeline/write-key'
import { readSelectedTables } from './selected-tables'

/** Changes of many tables, for the pages and endpoints that start and show them; `bulk-run` carries them out. */

type Named = { namespace: Namespace; table: string }
type NewBulkChange = {
  catalog: string
  selection: TableSelection
  digest: string
  only?: readonly Named[] | undefined
  except?: readonly Named[] | undefined
  changes: readonly BulkChange[]
}

/** States in which nothing was done yet, or nothing was done for certain: a preview begins with them again. */
const PREVIEWED_AGAIN: readonly BulkTableState[] = ['waiting', 'ready', 'ready-to-propose', 'unchanged', 'failed']
const UNDONE: readonly BulkTableState[] = ['changed', 'proposed', 'not-undone']

/**
 * Stores the tables that the selection gives, and queues the preview of their changes.
 *
 * @returns the id of the change
 * @throws {AppError} version-conflict when the selection gives another list than the caller saw; too-large; invalid-request
 */
export async function startBulkChange(
  services: ChangeServices,
  { catalog, selection, digest, only, except, changes }: NewBulkChange,
  request: ChangeRequest,
): Promise<string> {
  const { database } = services
  const { actor } = request
  requireVisible(actor, { catalog })
  const content = ['bulk-change', catalog, selection, digest, only ?? null, except ?? null, changes]
  const key = writeKey(actor, request.idempotencyKey, content)
  const earlier = key && (await findStoredResponse(database, key))
  if (earlier !== null) return earlier
  const problem = bulkChangesProblem(changes)
  if (problem !== null) throw new AppError('invalid-request', problem)
  const selected = await readSelectedTables(services, catalog, selection, request)
  if (selected.digest !== digest)
    throw new AppError(
      'version-conflict',
      'The tables of this selection are other ones than the page listed. Nothing was started. Look at the list again.',
    )
  const tables = pickTables(selected.tables, only, except)
  if (tables.length === 0) throw new AppError('invalid-request', 'No table is chosen.')
  if (tables.length > MAX_BULK_TABLES)
    throw new AppError(
      'too-large',
      `${formatQuantity(tables.length, 'table')} are chosen, and at most ${formatCount(MAX_BULK_TABLES)} are changed at once. Nothing was started.`,
    )
  const bulkChangeId = ulid(database.nowMs())
  const startedBy = { userId: actor.userId, username: actor.username }
  const change = { bulkChangeId, catalog, selection, changes, startedBy }
  const queued = queueStep(database, { ...change, tableCount: tables.length }, { step: 'preview' }, request)
  try {
    await database.commit([
      ...addBulkChangeChanges(change, tables),
      ...queued.changes,
      ...(key ? responseChanges(key, bulkChangeId) : []),
    ])
  } catch (error) {
    const concurrent = error instanceof UnexpectedChanges && key ? await findStoredResponse(database, key) : null
    if (concurrent === null) throw error
    return concurrent
  }
  return bulkChangeId
}

/** @throws {AppError} invalid-request for a table that is not in the list */
function pickTables(
  listed: readonly Named[],
  only: readonly Named[] | undefined,
  except: readonly Named[] = [],
): readonly Named[] {
  const keyOf = ({ namespace, table }: Named) => joinNamespace([...namespace, table])
  const known = new Set(listed.map(keyOf))
  const unknown = [...(only ?? []), ...except].find((one) => !known.has(keyOf(one)))
  if (unknown)
    throw new AppError(
      'invalid-request',
      `${namespaceLabel([...unknown.namespace, unknown.table])} is not in the list that the selection gives.`,
    )
  const left = new Set(only ? only.map(keyOf) : known)
  for (const one of except) left.delete(keyOf(one))
  return listed.filter((one) => left.has(keyOf(one)))
}

/**
 * Queues the next run of a change.
 *
 * @returns the id of the run
 * @throws {AppError} forbidden for other users than the one who started it; version-conflict while a run is open;
 *   invalid-request when there is nothing to do, or a title is missing
 */
export async function runBulkChange(
  services: ChangeServices,
  on: { catalog: string; bulkChangeId: string },
  { step, proposal }: { step: BulkStep; proposal?: { title: string; note: string } | undefined },
  request: ChangeRequest,
): Promise<string> {
  const { database } = services
  const { actor } = request
  const change = await requireBulkChange(database, on, actor)
  const key = writeKey(actor, request.idempotencyKey, ['run-bulk-change', on, step, proposal ?? null])
  const earlier = key && (await findStoredResponse(database, key))
  if (earlier !== null) return earlier
  requireRunner(change, step, actor)
  const run = await findNewestRun(database, on.bulkChangeId)
  if (run && !hasEnded(run))
    throw new AppError('version-conflict', 'A run of this change has not ended yet. Nothing was started.')
  const counts = await countBulkTables(database, on.bulkChangeId)
  const countOf = (states: readonly BulkTableState[]) => states.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
  const { from, to } = toStates(step)
  const tableCount = countOf(from) + (from.includes(to) ? 0 : countOf([to]))
  if (tableCount === 0)
    throw new AppError('invalid-request', 'There is no table left for this step. Nothing was started.')
  if (step === 'write' && countOf(['ready-to-propose']) > 0 && !proposal)
    throw new AppError('invalid-request', 'Some of the tables need a proposal. Give the proposals a title.')
  const queued = queueStep(database, { ...change, tableCount }, { step, ...(proposal && { proposal }) }, request)
  await database.commit([
    ...(step === 'write' || step === 'commit-proposals' ? [] : [bulkStateChange(on.bulkChangeId, from, to)]),
    ...queued.changes,
    ...(key ? responseChanges(key, queued.runId) : []),
  ])
  return queued.runId
}

/** @throws {AppError} forbidden */
function requireRunner({ startedBy }: StoredBulkChange, step: BulkStep, actor: Actor): void {
  const isOwn = startedBy.userId === actor.userId
  if (step === 'commit-proposals') {
    if (!isOwn) return
    throw new AppError('forbidden', 'Another user has to commit the proposals of your change. Nothing was started.')
  }
  if (!isOwn) throw new AppError('forbidden', `Only ${startedBy.username}, who started this change, may run it.`)
}

/** The states of the tables that a step takes, and the one that they have while they wait for it. */
function toStates(step: BulkStep): { from: readonly BulkTableState[]; to: BulkTableState } {
  if (step === 'preview') return { from: PREVIEWED_AGAIN, to: 'waiting' }
  if (step === 'commit-proposals') return { from: ['proposed'], to: 'proposed' }
  if (step === 'undo') return { from: UNDONE, to: 'undoing' }
  return { from: ['ready', 'ready-to-propose', 'unknown'], to: 'ready' }
}

const STEP_TITLES: Record<BulkStep, string> = {
  preview: 'Preview changes of',
  write: 'Change',
  'commit-proposals': 'Commit proposals of',
  undo: 'Undo changes of',
}

function queueStep(
  database: Database,
  { bulkChangeId, catalog, tableCount }: Pick<StoredBulkChange, 'bulkChangeId' | 'catalog'> & { tableCount: number },
  { step, proposal }: Pick<BulkRunSpec, 'step' | 'proposal'>,
  { actor, requestId }: ChangeRequest,
): { runId: string; changes: Change[] } {
  const spec: BulkRunSpec = { catalog, bulkChangeId, step, ...(proposal && { proposal }) }
  const task = {
    kind: CHANGE_TABLES,
    title: `${STEP_TITLES[step]} ${formatQuantity(tableCount, 'table')} in ${catalog}`,
    spec,
    actor: toRunActor(actor),
    table: null,
    exclusiveKey: bulkRunKey(bulkChangeId),
  }
  const { id: runId, change } = queueRunChange(database, task)
  // A preview changes nothing, so that the audit has no entry of it.
  const audited = step === 'preview' ? [] : [runAuditChange('start-run', { ...task, id: runId }, { actor, requestId })]
  return { runId, changes: [change, ...audited] }
}

/** The tables of a change that the actor may read, and its newest run. */
export async function readBulkChange(
  database: Database,
  on: { catalog: string; bulkChangeId: string },
  actor: Actor,
): Promise<{
  change: StoredBulkChange
  counts: Partial<Record<BulkTableState, number>>
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
  const step = (run && findBulkSpec(run)?.step) ?? null
  const canRun = change.startedBy.userId === actor.userId
  const { catalog } = on
  const canCommitProposals =
    !canRun &&
    names.some(
      ({ namespace, table, state }) =>
        state === 'proposed' && isPermitted(actor, 'table:write', { catalog, namespace, table }),
    )
  return { change, counts, run, step, canRun, canCommitProposals }
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

async function readVisibleNames(database: Database, { bulkChangeId, catalog }: StoredBulkChange, actor: Actor) {
  const names = await readBulkTableNames(database, bulkChangeId)
  return names.filter(({ namespace, table }) => isPermitted(actor, 'table:read', { catalog, namespace, table }))
}

/** @throws {AppError} not-found, also for users who did not start it and may not read any of its tables */
async function requireBulkChange(
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

async function findNewestRun(database: Database, bulkChangeId: string): Promise<Run | null> {
  const [run] = await listRuns(database, { exclusiveKey: bulkRunKey(bulkChangeId), limit: 1 })
  return run ?? null
}

function hasEnded({ state }: Run): boolean {
  return ENDED_STATES.some((ended) => ended === state)
}
