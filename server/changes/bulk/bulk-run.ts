import 'server-only'
import type { BulkStep } from '@/lib/contract/bulk-changes'
import type { BulkTableState } from '@/lib/contract/bulk-table-states'
import { AppError, type ErrorCode, isOutcomeKnown, TRANSIENT_DATABASE_CODES } from '@/lib/errors'
import { joinSentences } from '@/lib/format/sentence'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { newAuditId } from '@/server/db/audit'
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
import { readRun, type Run } from '@/server/db/jobs/runs'
import { type BulkRunSpec, findBulkSpec } from '@/server/jobs/bulk-run-spec'
import { readRunActor } from '@/server/jobs/run-actor'
import type { RunContext, RunKind } from '@/server/jobs/run-kind'
import { createBulkAction } from './bulk-actions'
import { beginOf, endEntryChange, readBulkOutcome } from './bulk-outcome'
import { mayCarryOut } from './bulk-permissions'
import { describeReach } from './bulk-reach'
import { carryOutStep, type TableStep } from './bulk-steps'
import { takeTablesOfStoppedRun } from './stop-and-undo'
import type { ProposalServices } from '../proposals/proposable'

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
const NOTHING_UNDONE = 'Nothing that this change did to the table was undone.'
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
/** Why a table stays as it is although nothing is wrong: others changed it since, for example. */
const EXPECTED_BY_UNDO: readonly string[] = [
  'already-exists',
  'commit-conflict',
  'version-conflict',
  'not-found',
  'not-supported',
]

const RETRIED_CODES: readonly ErrorCode[] = [...TRANSIENT_DATABASE_CODES, 'catalog-unavailable']

export function changeTablesRuns(services: ProposalServices): RunKind<'change-tables'> {
  return {
    maxConcurrent: 2,
    keepsJournal: true,
    retryOn: RETRIED_CODES,
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

type Work = Pick<TableStep, 'change' | 'action'>

class BulkRun {
  readonly #services: ProposalServices
  readonly #run: Run
  readonly #context: RunContext<'change-tables'>
  readonly #spec: BulkRunSpec
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
    const change = await readStoredBulkChange(database, bulkChangeId)
    if (change === null) throw new AppError('not-found', 'The list of tables of this run was removed.')
    const known = this.#run.journal?.['auditId']
    const auditId = typeof known === 'string' ? known : newAuditId()
    await this.#context.saveJournal({ auditId })
    if (this.#spec.isAfterStop) await takeTablesOfStoppedRun(database, change)
    const names = await readBulkTableNames(database, bulkChangeId)
    const work = { change, action: createBulkAction(this.#services, change, names) }
    const isTaken = await this.#createFilter(change)
    const positions = names.filter(isTaken).map(({ position }) => position)
    this.#total = positions.length
    this.#report()
    const earlierCount = await this.#countEarlier()
    try {
      for (let first = 0; first < positions.length; first += PAGE_SIZE) {
        const tables = await readBulkTables(database, bulkChangeId, positions.slice(first, first + PAGE_SIZE))
        await this.#takeAll(tables, work)
      }
    } catch (error) {
      throw await this.#addReach(error, earlierCount + positions.length)
    }
    const outcome = await readBulkOutcome(this.#services, this.#spec, this.#run)
    const entry = await endEntryChange(this.#services, this.#run, auditId)
    if (entry !== null) await database.commit([entry, ...this.#context.successChanges(outcome)])
    return outcome
  }

  #countResults(): Promise<Partial<Record<BulkTableState, number>>> {
    return countBulkTables(this.#services.database, this.#spec.bulkChangeId, { sinceMs: beginOf(this.#run) })
  }

  /** The tables that earlier attempts of the run have finished. */
  async #countEarlier(): Promise<number> {
    const counts = Object.entries(await this.#countResults()) as [BulkTableState, number][]
    return counts.reduce((sum, [state, count]) => sum + (TAKEN[this.#spec.step].includes(state) ? 0 : count), 0)
  }

  /** The error that ends the run for good, with how far it came. The log of a cancelled run has no error. */
  async #addReach(error: unknown, tableCount: number): Promise<unknown> {
    if (!(error instanceof AppError) || RETRIED_CODES.includes(error.code)) return error
    const reach = describeReach(this.#spec.step, await this.#countResults(), tableCount)
    if (error.code === 'cancelled') this.#context.log(reach, 'warning')
    return new AppError(error.code, joinSentences(error.message, reach), { cause: error, facts: { ...error.facts } })
  }

  /** The tables that the step takes: of proposals those that the user may carry out. */
  async #createFilter(change: StoredBulkChange) {
    const { step, catalog } = this.#spec
    const actor = await readRunActor(this.#services.database, this.#run, 'The run did not begin.')
    return ({ namespace, table, state }: Pick<BulkTable, 'namespace' | 'table' | 'state'>) =>
      TAKEN[step].includes(state) &&
      (step !== 'commit-proposals' || mayCarryOut(actor, change, { catalog, namespace, table }))
  }

  /** Takes tables in a few lanes. A table that was begun is finished, whatever ends the run. */
  async #takeAll(tables: readonly BulkTable[], work: Work): Promise<void> {
    const waiting = tables.values()
    const lane = async () => {
      for (const table of waiting) {
        if (this.#stoppedBy !== null || this.#context.signal.aborted) return
        try {
          await this.#take(table, work)
        } catch (error) {
          this.#stoppedBy ??= error
        }
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    if (this.#stoppedBy !== null) throw this.#stoppedBy
    this.#context.signal.throwIfAborted()
  }

  async #take(table: BulkTable, work: Work): Promise<void> {
    const { step, bulkChangeId, catalog } = this.#spec
    // The signal hears of a cancel with the next renewal of the lease, many tables later.
    const run = await readRun(this.#services.database, this.#run.id)
    if (run?.isCancelRequested) throw new AppError('cancelled', 'The run was cancelled.')
    const on = { catalog, namespace: table.namespace, table: table.table }
    const { result, isFailure } = await this.#tryStep(on, table, work)
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
  async #tryStep(
    on: TableIdentifier,
    table: BulkTable,
    work: Work,
  ): Promise<{ result: BulkTableResult; isFailure: boolean }> {
    const spec = this.#spec
    const { step } = spec
    const { signal } = this.#context
    // Roles may change while the run works.
    const actor = await readRunActor(
      this.#services.database,
      this.#run,
      'The run stopped. Changed tables stay changed.',
    )
    try {
      const result = await carryOutStep(this.#services, { spec, ...work, on, table, actor, signal })
      return { result, isFailure: false }
    } catch (error) {
      if (error instanceof AppError && isAboutRun(error)) throw error
      if (!(error instanceof AppError)) this.#services.log.error(error, { runId: this.#run.id })
      const isUnknown = error instanceof AppError && !isOutcomeKnown(error)
      const reason =
        error instanceof AppError ? error.message : 'An internal error occurred. The server log has the details.'
      // The reason may name one of several properties.
      const problem = step === 'undo' && !isUnknown ? joinSentences(reason, NOTHING_UNDONE) : reason
      const unknownState = step === 'write' ? 'unknown' : step === 'undo' ? 'undoing' : FAILED_STATES[step]
      const state = isUnknown ? unknownState : FAILED_STATES[step]
      const isExpected = step === 'undo' && error instanceof AppError && EXPECTED_BY_UNDO.includes(error.code)
      return { result: { state, problem }, isFailure: !isExpected }
    }
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
