import 'server-only'
import { bulkIntents } from '@/lib/changes/intents/bulk-intents'
import type { PropertyIntent } from '@/lib/changes/intents/property-intent'
import type { BulkStep } from '@/lib/contract/bulk-changes'
import type { BulkTableState } from '@/lib/contract/bulk-table-states'
import { AppError, isOutcomeKnown, TRANSIENT_DATABASE_CODES } from '@/lib/errors'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, isPermitted, requirePermission } from '@/server/auth/actor'
import { auditChange, newAuditId } from '@/server/db/audit'
import { readAudit } from '@/server/db/audit-list'
import { findChangePolicy } from '@/server/db/catalog/change-policies'
import { findProposal } from '@/server/db/catalog/proposals'
import {
  type BulkTable,
  bulkTableChange,
  type BulkTableResult,
  countBulkTables,
  readBulkTableNames,
  readBulkTables,
  readStoredBulkChange,
  type StoredBulkChange,
} from '@/server/db/jobs/bulk-changes'
import type { Change } from '@/server/db/database'
import type { Run } from '@/server/db/jobs/runs'
import { type BulkRunSpec, findBulkSpec } from '@/server/jobs/bulk-run-spec'
import { readRunActor } from '@/server/jobs/run-actor'
import type { RunContext, RunKind } from '@/server/jobs/run-kind'
import { maskProperties, requireNoSecrets } from '@/server/table/mask-properties'
import { changeTableAction, commitIntents } from '../actions/change-table'
import { reviewIntents } from '../actions/review-intents'
import { undoAction } from '../actions/undo'
import { carryOut } from '../pipeline/carry-out'
import type { ChangeRequest } from '../pipeline/change-request'
import { showReview } from '../pipeline/review-action'
import { findWriteOutcome } from '../pipeline/write-key'
import type { ProposalServices } from '../proposals/proposable'
import { closeProposal, commitProposal, propose } from '../proposals/proposals'

/**
 * Carries out a step of a change of many tables, table by table, as the user who started it. Each table is a request of
 * its own, under a key of its own: after a crash the next attempt first finds out what became of it.
 */

/** In a row, of writes or undos: they probably have a common reason. */
export const MAX_FAILURES_IN_A_ROW = 20
const LANES = 2
const PAGE_SIZE = 200

/** The tables that a step takes; each leaves these states. */
const TAKEN: Record<BulkStep, readonly BulkTableState[]> = {
  preview: ['waiting'],
  write: ['ready', 'ready-to-propose', 'unknown'],
  'commit-proposals': ['proposed'],
  undo: ['undoing'],
}
const PHASES = {
  preview: 'previewing',
  write: 'writing',
  'commit-proposals': 'committing',
  undo: 'undoing',
} as const
/** The state of a table whose step failed, so that another run can take it. */
const FAILED_STATES = {
  preview: 'failed',
  write: 'failed',
  'commit-proposals': 'proposed',
  undo: 'not-undone',
} as const
const AUDIT_ACTIONS = {
  write: 'change-tables',
  'commit-proposals': 'commit-proposals-of-tables',
  undo: 'undo-change-of-tables',
} as const
/** Why a table stays as it is although nothing is wrong: others changed it since, for example. */
const EXPECTED_BY_UNDO: readonly string[] = ['commit-conflict', 'version-conflict', 'not-found', 'not-supported']

export function changeTablesRuns(services: ProposalServices): RunKind<'change-tables'> {
  return {
    maxConcurrent: 2,
    keepsJournal: true,
    retryOn: [...TRANSIENT_DATABASE_CODES, 'catalog-unavailable'],
    work: (run, context) => new BulkRun(services, run, context).run(),
    // The states of the tables say what is left.
    settle: async () => null,
    async discard(run) {
      const change = await endEntryChange(services, run, run.journal?.['auditId'])
      if (change !== null) await services.database.commit([change])
    },
    tidy: async () => {},
  }
}

class BulkRun {
  readonly #services: ProposalServices
  readonly #run: Run
  readonly #context: RunContext<'change-tables'>
  readonly #spec: BulkRunSpec
  #change: StoredBulkChange | null = null
  #done = 0
  #total = 0
  readonly #counters = { changed: 0, proposed: 0, unchanged: 0, failed: 0 }
  #failuresInARow = 0
  /** Why no further table is taken, although the run was not aborted. */
  #stoppedBy: unknown = null

  constructor(services: ProposalServices, run: Run, context: RunContext<'change-tables'>) {
    const spec = findBulkSpec(run)
    if (spec === null) throw new Error(`A run of kind ${run.kind} changes no list of tables.`)
    this.#services = services
    this.#run = run
    this.#context = context
    this.#spec = spec
  }

  async run(): Promise<JsonObject> {
    const { database } = this.#services
    const { bulkChangeId } = this.#spec
    this.#change = await readStoredBulkChange(database, bulkChangeId)
    if (this.#change === null) throw new AppError('not-found', 'The list of tables of this run was removed.')
    const known = this.#run.journal?.['auditId']
    const auditId = typeof known === 'string' ? known : newAuditId()
    await this.#context.saveJournal({ auditId })
    const names = await readBulkTableNames(database, bulkChangeId)
    const isTaken = await this.#createFilter()
    const positions = names.filter(isTaken).map(({ position }) => position)
    this.#total = positions.length
    this.#report()
    for (let first = 0; first < positions.length; first += PAGE_SIZE) {
      await this.#takeAll(await readBulkTables(database, bulkChangeId, positions.slice(first, first + PAGE_SIZE)))
    }
    const outcome = await readOutcome(this.#services, this.#spec)
    const entry = await endEntryChange(this.#services, this.#run, auditId)
    if (entry !== null) await database.commit([entry, this.#context.successChange(outcome)])
    return outcome
  }

  /** The tables that the step takes: of proposals those whose tables the user may write. */
  async #createFilter() {
    const { step, catalog } = this.#spec
    const actor = await readRunActor(this.#services.database, this.#run, 'The run did not begin.')
    return ({ namespace, table, state }: Pick<BulkTable, 'namespace' | 'table' | 'state'>) =>
      TAKEN[step].includes(state) &&
      (step !== 'commit-proposals' || isPermitted(actor, 'table:write', { catalog, namespace, table }))
  }

  /** Takes tables in a few lanes. A table that was begun is finished, whatever ends the run. */
  async #takeAll(tables: readonly BulkTable[]): Promise<void> {
    const waiting = tables.values()
    const lane = async () => {
      for (const table of waiting) {
        if (this.#stoppedBy !== null || this.#context.signal.aborted) return
        try {
          await this.#take(table)
        } catch (error) {
          this.#stoppedBy ??= error
        }
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    if (this.#stoppedBy !== null) throw this.#stoppedBy
    this.#context.signal.throwIfAborted()
  }

  async #take(table: BulkTable): Promise<void> {
    const { step, bulkChangeId, catalog } = this.#spec
    const on = { catalog, namespace: table.namespace, table: table.table }
    const { result, isFailure } = await this.#tryStep(on, table)
    await this.#services.database.commit([bulkTableChange({ bulkChangeId, position: table.position }, result)])
    this.#count(result.state)
    const label = namespaceLabel([...on.namespace, on.table])
    if (result.problem) this.#context.log(`${label}: ${result.problem}`, 'warning')
    if (step === 'preview') return
    this.#failuresInARow = isFailure ? this.#failuresInARow + 1 : 0
    if (this.#failuresInARow < MAX_FAILURES_IN_A_ROW) return
    throw new AppError(
      'invalid-request',
      `The run stopped after ${MAX_FAILURES_IN_A_ROW} failures in a row. The last: ${label}: ${result.problem ?? ''}`,
    )
  }

  /** @throws {AppError} what ends the run or has it retried, and is not about this table */
  async #tryStep(on: TableIdentifier, table: BulkTable): Promise<{ result: BulkTableResult; isFailure: boolean }> {
    const { step } = this.#spec
    // Roles may change while the run works.
    const actor = await readRunActor(
      this.#services.database,
      this.#run,
      'The run stopped. Changed tables stay changed.',
    )
    try {
      const result = await this.#stepOf(on, table, actor)
      return { result, isFailure: false }
    } catch (error) {
      if (error instanceof AppError && isAboutRun(error)) throw error
      if (!(error instanceof AppError)) this.#services.log.error(error, { runId: this.#run.id })
      const isUnknown = error instanceof AppError && !isOutcomeKnown(error)
      const problem =
        error instanceof AppError ? error.message : 'An internal error occurred. The server log has the details.'
      const unknownState = step === 'write' ? 'unknown' : step === 'undo' ? 'undoing' : FAILED_STATES[step]
      const state = isUnknown ? unknownState : FAILED_STATES[step]
      const isExpected = step === 'undo' && error instanceof AppError && EXPECTED_BY_UNDO.includes(error.code)
      return { result: { state, problem }, isFailure: !isExpected }
    }
  }

  #stepOf(on: TableIdentifier, table: BulkTable, actor: Actor): Promise<BulkTableResult> {
    switch (this.#spec.step) {
      case 'preview':
        return this.#preview(on, actor)
      case 'write':
        return this.#write(on, table, actor)
      case 'commit-proposals':
        return this.#commitProposal(on, table, actor)
      case 'undo':
        return this.#undo(on, table, actor)
    }
  }

  async #preview(on: TableIdentifier, actor: Actor): Promise<BulkTableResult> {
    const { catalogs, keys, database } = this.#services
    const { signal } = this.#context
    requirePermission(actor, 'table:propose', on)
    const catalog = await catalogs.open(on.catalog, actor)
    const table = await catalog.loadTable(on, { signal })
    const { metadata } = table
    const properties = maskProperties(keys, metadata.properties, metadata.tableUuid)
    const intents = bulkIntents({ schema: currentSchema(metadata), properties }, this.#change?.changes ?? [])
    if (intents.length === 0) return { state: 'unchanged', intents, warnings: [] }
    requireNoSecrets(intents)
    const review = await reviewIntents(keys, catalog, table, intents, signal)
    if (review.problem !== null) return { state: 'failed', problem: review.problem.message, intents, warnings: [] }
    const { warnings } = await review.show()
    const isProposed = !isPermitted(actor, 'table:write', on) || (await findChangePolicy(database, on)) !== null
    return { state: isProposed ? 'ready-to-propose' : 'ready', intents, warnings }
  }

  async #write(on: TableIdentifier, table: BulkTable, actor: Actor): Promise<BulkTableResult> {
    const request = this.#requestOf(actor, `${this.#spec.bulkChangeId}.${table.position}`)
    if (table.state === 'ready-to-propose') return this.#propose(on, table, request)
    const earlier = await this.#findEarlier(request)
    if (earlier !== null) return { state: 'changed', auditId: earlier }
    requirePermission(actor, 'table:write', on)
    const { auditId } = await commitIntents(this.#services, on, intentsOf(table), request)
    return { state: 'changed', auditId }
  }

  async #propose(on: TableIdentifier, table: BulkTable, request: ChangeRequest): Promise<BulkTableResult> {
    const { proposal } = this.#spec
    if (!proposal) throw new AppError('invalid-request', 'It needs a proposal, and the run has no title for one.')
    requirePermission(request.actor, 'table:propose', on)
    const action = { kind: 'change-table' as const, intents: [...intentsOf(table)] }
    const entry = { kind: 'table' as const, identifier: on }
    const { proposalId } = await propose(this.#services, entry, { action, ...proposal }, request)
    return { state: 'proposed', proposalId }
  }

  /** Commits the proposal of a table as another user, or records what users decided on it alone. */
  async #commitProposal(on: TableIdentifier, table: BulkTable, actor: Actor): Promise<BulkTableResult> {
    const { database } = this.#services
    const proposal = table.proposalId === null ? null : await findProposal(database, table.proposalId)
    if (proposal === null) return { state: 'failed', problem: 'Its proposal was removed.' }
    const { proposalId, state, comment } = proposal
    if (state === 'committed') return { state: 'changed', auditId: proposal.auditId }
    if (state !== 'open')
      return { state: 'failed', problem: `Its proposal was ${state}${comment === null ? '.' : `: ${comment}`}` }
    requirePermission(actor, 'table:write', on)
    const request = this.#requestOf(actor, `${this.#spec.bulkChangeId}.${table.position}.commit`)
    const review = await showReview(
      this.#services,
      changeTableAction,
      { on, input: { intents: intentsOf(table) } },
      request,
    )
    const { requestDigest, conflicts, problem } = review
    if (requestDigest === null || conflicts.length > 0)
      throw new AppError('commit-conflict', problem?.message ?? 'The table was changed since this was proposed.')
    const { auditId } = await commitProposal(this.#services, { kind: 'table', identifier: on }, proposalId, {
      ...request,
      reviewed: { kind: 'change-table', requestDigest },
    })
    return { state: 'changed', auditId }
  }

  /** Undoes the commit of a table, if its values are still those of the commit, or withdraws its proposal. */
  async #undo(on: TableIdentifier, table: BulkTable, actor: Actor): Promise<BulkTableResult> {
    const request = this.#requestOf(actor, `${this.#spec.bulkChangeId}.${table.position}.undo`)
    const { proposalId } = table
    const proposal = proposalId === null ? null : await findProposal(this.#services.database, proposalId)
    // Another user may have committed the proposal alone.
    const auditId = table.auditId ?? proposal?.auditId ?? null
    if (auditId === null) {
      if (proposalId === null) return { state: 'not-undone', problem: 'It was not changed.' }
      requirePermission(actor, 'table:propose', on)
      const withdrawn = { state: 'withdrawn', comment: null } as const
      await closeProposal(this.#services, { kind: 'table', identifier: on }, proposalId, withdrawn, request)
      return { state: 'undone' }
    }
    if ((await this.#findEarlier(request)) !== null) return { state: 'undone' }
    requirePermission(actor, 'table:maintain', on)
    const undone = await readAudit(this.#services.database, auditId)
    if (undone?.undoneBy) return { state: 'not-undone', problem: 'It was already undone in its history.' }
    await carryOut(this.#services, undoAction, { on, input: { auditId, safetyTag: null } }, request)
    return { state: 'undone' }
  }

  /**
   * The entry of the same request of an attempt that was interrupted, or null.
   *
   * @throws {AppError} commit-state-unknown while its catalog has not said what became of it
   */
  async #findEarlier({ actor, idempotencyKey }: ChangeRequest): Promise<string | null> {
    const { outcome, auditId } = await findWriteOutcome(this.#services.database, actor, idempotencyKey ?? '')
    if (outcome !== 'pending') return auditId
    throw new AppError('commit-state-unknown', 'The catalog has not said yet whether it made this commit.')
  }

  /** A write that was begun comes to its end, because its outcome would not be known otherwise. */
  #requestOf(actor: Actor, idempotencyKey: string): ChangeRequest {
    return { actor, idempotencyKey, requestId: null, signal: new AbortController().signal }
  }

  #count(state: BulkTableState): void {
    this.#done += 1
    const counter = COUNTERS[state]
    if (counter !== undefined) this.#counters[counter] += 1
    this.#report()
  }

  #report(): void {
    this.#context.report({
      phase: PHASES[this.#spec.step],
      done: this.#done,
      total: this.#total,
      unit: 'tables',
      counters: { ...this.#counters },
    })
  }
}

const COUNTERS: Partial<Record<BulkTableState, 'changed' | 'proposed' | 'unchanged' | 'failed'>> = {
  changed: 'changed',
  undone: 'changed',
  proposed: 'proposed',
  unchanged: 'unchanged',
  'not-undone': 'unchanged',
  failed: 'failed',
  unknown: 'failed',
  undoing: 'failed',
}

/** Whether an error is about the catalog, the database or the run, and would be the same for the next table. */
function isAboutRun({ code }: AppError): boolean {
  return code === 'catalog-unavailable' || code === 'cancelled' || TRANSIENT_DATABASE_CODES.some((one) => one === code)
}

function intentsOf({ intents }: BulkTable): readonly PropertyIntent[] {
  if (intents === null) throw new AppError('invalid-request', 'It has no preview.')
  return intents
}

async function readOutcome({ database }: Pick<ProposalServices, 'database'>, { bulkChangeId }: BulkRunSpec) {
  const counts = await countBulkTables(database, bulkChangeId)
  const countOf = (...states: BulkTableState[]) => states.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
  const all = {
    readyCount: countOf('ready', 'ready-to-propose'),
    changedCount: countOf('changed'),
    proposedCount: countOf('proposed'),
    unchangedCount: countOf('unchanged'),
    failedCount: countOf('failed'),
    unknownCount: countOf('unknown', 'undoing'),
    undoneCount: countOf('undone'),
    notUndoneCount: countOf('not-undone'),
  }
  const tableCount = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return { tableCount, ...Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0)) }
}

/**
 * The one entry of the audit that says what a run has done, with the counts of all its tables. Null for a preview, and
 * if it was written already.
 */
async function endEntryChange(services: ProposalServices, run: Run, auditId: unknown): Promise<Change | null> {
  const spec = findBulkSpec(run)
  if (spec === null || spec.step === 'preview' || typeof auditId !== 'string') return null
  if ((await readAudit(services.database, auditId)) !== null) return null
  const { id, kind, title } = run
  const counts = await readOutcome(services, spec)
  return auditChange(
    {
      actor: { ...run.actor, origin: { kind: 'job', job: kind } },
      action: AUDIT_ACTIONS[spec.step],
      before: null,
      after: {
        run: { id, kind, title },
        bulkChange: { bulkChangeId: spec.bulkChangeId, catalog: spec.catalog, counts },
      },
      requestId: null,
    },
    { id: auditId },
  )
}
