import { useEffect, useRef, useState } from 'react'
import { loadQuerySession } from '@/lib/client/query/query-run'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { QueryCost, QueryEngine, QueryResult } from '@/lib/query/engine'
import { findEveryFlip, findFirstBad, type SearchOutcome, type Verdict } from '@/lib/query/statement/find-first-bad'
import { writeTableName } from '@/lib/query/tables/table-name'

export type SearchStep = {
  snapshot: Snapshot
  /** Null while the condition is being tested. */
  verdict: Verdict | null
  /** The error of its test. */
  problem: string | null
  /** Current columns that the condition uses and the snapshot does not have. */
  absentColumns: readonly string[]
}

/** The value of the condition by the verdict of a test. */
export const VERDICTS = { good: 'true', bad: 'false', failed: 'error' } as const

export type FoundChanges = { kind: 'halved'; outcome: SearchOutcome } | { kind: 'full'; flips: Flip[] }
type Flip = { firstBad: number; lastGood: number }

export type SearchState = {
  steps: readonly SearchStep[]
  isRunning: boolean
  result: FoundChanges | null
  /** Why the search ended without a result. */
  problem: string | null
  /** A question before much is read. */
  prompt: { cost: QueryCost; answer: (isConfirmed: boolean) => void } | null
}

type TestResult = Pick<SearchStep, 'problem' | 'absentColumns'> & { verdict: Verdict }

const UNTESTED = { verdict: null, problem: null, absentColumns: [] }
const IDLE: SearchState = { steps: [], isRunning: false, result: null, problem: null, prompt: null }

/** The statement whose only value says whether a condition holds at a snapshot. */
export function conditionStatement(table: TableIdentifier, condition: string, snapshotId: string): string {
  const name = writeTableName(table, { connections: [table.catalog], connection: table.catalog })
  // The condition has lines to itself, so that a comment at its end ends there.
  return `select (\n${condition}\n)\nfrom ${name} for version as of ${snapshotId}`
}

/**
 * Tests a condition at snapshots of a branch with the SQL engine, one after the other.
 *
 * @param schema the current one, with which every snapshot is read: a renamed column has its current name in all of them
 */
export function useBrokenCommitSearch(table: TableIdentifier, schema: Schema) {
  const [state, setState] = useState(IDLE)
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])

  /** @param snapshots the oldest first */
  const start = (condition: string, snapshots: readonly Snapshot[], { isFull }: { isFull: boolean }) => {
    running.current?.abort()
    const controller = new AbortController()
    const { signal } = controller
    running.current = controller
    const update = (change: (current: SearchState) => SearchState) => {
      if (!signal.aborted) setState(change)
    }
    const confirm = (cost: QueryCost) =>
      new Promise<boolean>((resolve) => {
        const answer = (isConfirmed: boolean) => {
          update((current) => ({ ...current, prompt: null }))
          resolve(isConfirmed)
        }
        signal.addEventListener('abort', () => resolve(false), { once: true })
        update((current) => ({ ...current, prompt: { cost, answer } }))
      })
    const search = async () => {
      const { requireCondition } = await import('@/lib/query/condition')
      requireCondition(condition)
      const engine = await loadQuerySession()
      const test = async (index: number): Promise<Verdict> => {
        signal.throwIfAborted()
        const snapshot = snapshots[index]
        if (!snapshot) throw new Error(`there is no snapshot ${index}`)
        update((current) => ({ ...current, steps: [...current.steps, { ...UNTESTED, snapshot }] }))
        const sql = conditionStatement(table, condition, snapshot.snapshotId)
        const tested = await testCondition(engine, { sql, table, schema, signal, confirm })
        update((current) => ({ ...current, steps: [...current.steps.slice(0, -1), { snapshot, ...tested }] }))
        return tested.verdict
      }
      const count = snapshots.length
      const result: FoundChanges = isFull
        ? { kind: 'full', flips: await findEveryFlip(count, test) }
        : { kind: 'halved', outcome: await findFirstBad(count, test) }
      update((current) => ({ ...current, isRunning: false, result }))
    }
    setState({ ...IDLE, isRunning: true })
    search().catch((error: unknown) => {
      const problem = error instanceof Error ? error.message : String(error)
      const isDeclined = error instanceof AppError && error.code === 'cancelled'
      update((current) => ({ ...current, steps: endedSteps(current.steps, isDeclined), isRunning: false, problem }))
    })
  }

  return {
    state,
    start,
    cancel: () => {
      running.current?.abort()
      setState((current) => ({
        ...current,
        steps: endedSteps(current.steps, true),
        isRunning: false,
        prompt: null,
        problem: 'The search was cancelled.',
      }))
    },
  }
}

/** The steps of a search that ended in one: it failed, or was not carried out. */
function endedSteps(steps: readonly SearchStep[], isDeclined: boolean): SearchStep[] {
  if (isDeclined) return steps.filter(({ verdict }) => verdict !== null)
  return steps.map((step) => ({ ...step, verdict: step.verdict ?? 'failed' }))
}

type TestOptions = {
  sql: string
  table: TableIdentifier
  schema: Schema
  signal: AbortSignal
  confirm: (cost: QueryCost) => Promise<boolean>
}

/**
 * @returns `failed` with the reason when the statement fails or has no single boolean value
 * @throws the reason of the signal; {AppError} cancelled when a large load was declined, query-failed for a condition
 *   that is no SQL or does not fit the schema
 */
async function testCondition(
  engine: Pick<QueryEngine, 'run'>,
  { sql, table, schema, signal, confirm }: TestOptions,
): Promise<TestResult> {
  const { catalog } = table
  let isDeclined = false
  try {
    const result = await engine.run(
      {
        sql,
        cursor: 0,
        connection: catalog,
        connections: [catalog],
        maxRows: 2,
        readWith: { identifier: table, schema },
      },
      {
        signal,
        onProgress: () => undefined,
        confirm: async (cost) => {
          const isConfirmed = await confirm(cost)
          isDeclined = !isConfirmed
          return isConfirmed
        },
      },
    )
    return readVerdict(result)
  } catch (error) {
    signal.throwIfAborted()
    // It is the same at every snapshot, because all of them are read with one schema.
    if (error instanceof AppError && /^(Parser|Binder|Catalog) error/i.test(error.message)) throw error
    if (isDeclined) throw new AppError('cancelled', 'The search ended, because more data was not to be read.')
    return failedTest(error instanceof Error ? error.message : String(error))
  }
}

function readVerdict({ rowCount, columns, batches, absentColumns = [] }: QueryResult): TestResult {
  if (rowCount !== 1 || columns.length !== 1) {
    const reason = rowCount === 1 ? 'The condition has several columns.' : 'The condition returns one value per row.'
    const problem = `${reason} Use one aggregate that returns true or false, e.g. count(*) > 0.`
    return failedTest(problem)
  }
  const value = batches.find((batch) => batch.rowCount > 0)?.value(0, 0) ?? null
  if (value === null) return failedTest('The condition is null, which is neither true nor false.', absentColumns)
  if (typeof value !== 'boolean') return failedTest('The condition is not true or false.')
  return { verdict: value ? 'good' : 'bad', problem: null, absentColumns }
}

function failedTest(problem: string, absentColumns: readonly string[] = []): TestResult {
  return { verdict: 'failed', problem, absentColumns }
}

/** The cost of a search step, as a question to the user. */
export function costQuestion({ readBytes, files }: QueryCost): string {
  return `The next step reads ${formatBytes(readBytes)} of ${files === 1 ? '1 file' : `${files} files`}.`
}
