import 'server-only'
import { type BulkChange, bulkConfirmation } from '@/lib/changes/intents/bulk-change'
import type { BulkStep } from '@/lib/contract/bulk-changes'
import type { BulkTableState } from '@/lib/contract/bulk-table-states'
import { ENDED_STATES } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import type { Actor } from '@/server/auth/actor'
import { type Change, type Database } from '@/server/db/database'
import { findStoredResponse, responseChanges } from '@/server/db/idempotency'
import { bulkStateChange, type StoredBulkChange } from '@/server/db/jobs/bulk-changes'
import { queueRunChange, type Run } from '@/server/db/jobs/runs'
import { bulkRunKey, type BulkRunSpec, CHANGE_TABLES, findBulkSpec } from '@/server/jobs/bulk-run-spec'
import { runAuditChange, toRunActor } from '@/server/jobs/change-run'
import type { ChangeRequest, ChangeServices } from '../pipeline/change-request'
import { writeKey } from '../pipeline/write-key'
import { findNewestRun, hasOpenRun, readVisibleNames, requireBulkChange } from './read-bulk-change'

/** The states of the tables that a step takes, and the one that they have while they wait for it. */
const TAKEN: Record<BulkStep, { from: readonly BulkTableState[]; waiting: readonly BulkTableState[] }> = {
  // Nothing was done yet, or nothing was done for certain: a preview begins with them again.
  preview: { from: ['waiting', 'ready', 'ready-to-propose', 'unchanged', 'failed', 'left'], waiting: ['waiting'] },
  write: { from: [], waiting: ['ready', 'ready-to-propose', 'unknown'] },
  'commit-proposals': { from: [], waiting: ['proposed'] },
  undo: { from: ['changed', 'proposed', 'not-undone'], waiting: ['undoing'] },
}

type RunRequest = {
  step: BulkStep
  proposal?: { title: string; note: string } | undefined
  isContinued?: boolean | undefined
  confirmation?: string | undefined
}

/**
 * Queues the next run of a change.
 *
 * @returns the id of the run
 * @throws {AppError} forbidden for other users than the one who started it; version-conflict while a run is open;
 *   invalid-request when there is nothing to do, a title is missing, or the number of tables is not confirmed
 */
export async function runBulkChange(
  services: ChangeServices,
  on: { catalog: string; bulkChangeId: string },
  { step, proposal: newProposal, isContinued = false, confirmation }: RunRequest,
  request: ChangeRequest,
): Promise<string> {
  const { database } = services
  const { actor } = request
  const change = await requireBulkChange(database, on, actor)
  const content = ['run-bulk-change', on, step, newProposal ?? null, isContinued, confirmation ?? null]
  const key = writeKey(actor, request.idempotencyKey, content)
  const earlier = key && (await findStoredResponse(database, key))
  if (earlier !== null) return earlier
  requireRunner(change, step, actor)
  const run = await findNewestRun(database, on.bulkChangeId)
  if (await hasOpenRun(database, on.bulkChangeId))
    throw new AppError('version-conflict', 'A run of this change has not ended yet. Nothing was started.')
  const continued = isContinued ? requireLastStep(run, step) : null
  const { from, waiting } = TAKEN[step]
  const taken: readonly BulkTableState[] = continued ? waiting : [...from, ...waiting]
  const names = await readVisibleNames(database, change, actor)
  const countOf = (states: readonly BulkTableState[]) => names.filter(({ state }) => states.includes(state)).length
  const tableCount = countOf(taken)
  if (tableCount === 0)
    throw new AppError('invalid-request', 'There is no table left for this step. Nothing was started.')
  const proposal = newProposal ?? continued?.proposal
  if (step === 'write' && countOf(['ready-to-propose']) > 0 && !proposal)
    throw new AppError('invalid-request', 'Some of the tables need a proposal. Give the proposals a title.')
  if (continued === null) requireConfirmation(change, step, tableCount, confirmation)
  const queued = queueStep(database, { ...change, tableCount }, { step, ...(proposal && { proposal }) }, request)
  const [state] = waiting
  await database.commit([
    ...(continued !== null || from.length === 0 || state === undefined
      ? []
      : [bulkStateChange(on.bulkChangeId, from, state)]),
    ...queued.changes,
    ...(key ? responseChanges(key, queued.runId) : []),
  ])
  return queued.runId
}

/** @throws {AppError} invalid-request when the last run was another step, or was removed */
function requireLastStep(run: Run | null, step: BulkStep): BulkRunSpec {
  const spec = run && findBulkSpec(run)
  if (spec?.step === step) return spec
  throw new AppError('invalid-request', 'The last run of this change is not one of this step. Nothing was started.')
}

/** Who continues a run confirmed its tables when it was started. @throws {AppError} invalid-request */
function requireConfirmation(
  { changes, catalog }: StoredBulkChange,
  step: BulkStep,
  tableCount: number,
  confirmation: string | undefined,
): void {
  if (step !== 'write' && step !== 'commit-proposals') return
  const text = bulkConfirmation(changes, tableCount, catalog)
  if (text !== null && confirmation !== text)
    throw new AppError('invalid-request', `To confirm, type ${text}. Nothing was started.`)
}

/** @throws {AppError} forbidden */
export function requireRunner({ startedBy }: StoredBulkChange, step: BulkStep, actor: Actor): void {
  const isOwn = startedBy.userId === actor.userId
  if (step === 'commit-proposals') {
    if (!isOwn) return
    throw new AppError('forbidden', 'Another user has to commit the proposals of your change. Nothing was started.')
  }
  if (!isOwn) throw new AppError('forbidden', `Only ${startedBy.username}, who started this change, may run it.`)
}

type StepTitles = { preview: string; write: string; undo: string }
const SETTING_TITLES: StepTitles = { preview: 'Preview changes of', write: 'Change', undo: 'Undo changes of' }
const TITLES: Record<BulkChange['kind'], StepTitles> = {
  'set-property': SETTING_TITLES,
  'remove-property': SETTING_TITLES,
  'add-tag': SETTING_TITLES,
  'remove-tag': SETTING_TITLES,
  drop: { preview: 'Preview the drop of', write: 'Drop', undo: 'Restore' },
  move: { preview: 'Preview the move of', write: 'Move', undo: 'Move back' },
  // Without the holder and the role: more users may read the title of a run than the grants of a table.
  grant: { preview: 'Preview grants on', write: 'Change grants on', undo: 'Undo grants on' },
}

function stepTitle(step: BulkStep, kind: BulkChange['kind']): string {
  return step === 'commit-proposals' ? 'Commit proposals of' : TITLES[kind][step]
}

/** `tableCount`: null if it is not known before the run begins. */
type QueuedChange = Pick<StoredBulkChange, 'bulkChangeId' | 'catalog' | 'changes'> & { tableCount: number | null }

export function queueStep(
  database: Database,
  { bulkChangeId, catalog, changes, tableCount }: QueuedChange,
  { step, proposal, isAfterStop }: Pick<BulkRunSpec, 'step' | 'proposal' | 'isAfterStop'>,
  { actor, requestId }: ChangeRequest,
): { runId: string; changes: Change[] } {
  const spec: BulkRunSpec = {
    catalog,
    bulkChangeId,
    step,
    ...(proposal && { proposal }),
    ...(isAfterStop && { isAfterStop }),
  }
  const tables = tableCount === null ? 'tables' : formatQuantity(tableCount, 'table')
  const task = {
    kind: CHANGE_TABLES,
    title: `${stepTitle(step, changes[0]?.kind ?? 'set-property')} ${tables} in ${catalog}`,
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

export function hasEnded({ state }: Run): boolean {
  return ENDED_STATES.some((ended) => ended === state)
}
