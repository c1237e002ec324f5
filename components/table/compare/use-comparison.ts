import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { comparisonQuery, planSides } from '@/lib/client/comparison/comparison-plan'
import { type Compared, ComparisonWorker } from '@/lib/client/comparison/comparison-worker'
import type { SnapshotComparison } from '@/lib/contract/table/comparison'
import { AppError } from '@/lib/errors'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type CompareProgress, requireRowLimit } from '@/lib/scan/compare/compare-rows'
import type { ReadCost } from '@/lib/scan/data-files'

/** Larger comparisons are started by the user. */
const MAX_UNASKED_BYTES = 64 * 1024 * 1024
const MAX_UNASKED_ROWS = 1_000_000

export type ComparisonState =
  | { kind: 'planning' }
  | { kind: 'failed'; error: Error }
  /** Waits for the user; `wasCancelled` after a cancellation. */
  | { kind: 'waiting'; plan: SnapshotComparison; wasCancelled: boolean }
  | { kind: 'running'; plan: SnapshotComparison; progress: CompareProgress | null; cost: ReadCost | null }
  | { kind: 'compared'; plan: SnapshotComparison; compared: Compared; worker: ComparisonWorker }

type Run =
  | { kind: 'running'; progress: CompareProgress | null; cost: ReadCost | null }
  | { kind: 'failed'; error: Error }
  | { kind: 'compared'; compared: Compared; worker: ComparisonWorker }

/** Whether a comparison is large enough to ask before it starts. */
export function isLargeComparison({ before, after }: SnapshotComparison): boolean {
  return (
    before.differing.bytes + after.differing.bytes > MAX_UNASKED_BYTES ||
    before.differing.rowCount + after.differing.rowCount > MAX_UNASKED_ROWS
  )
}

/**
 * Plans and runs a comparison, again when the snapshots, the key, the columns or the filter change.
 *
 * @param choice.keyIds null for the identifier fields
 * @param choice.where the filter, as JSON with field ids; null while it is unknown, and the comparison waits
 */
export function useComparison(
  table: TableIdentifier,
  sides: { before: AsOf; after: AsOf },
  {
    keyIds,
    comparedIds,
    where,
  }: { keyIds: readonly number[] | null; comparedIds: readonly number[] | null; where: string | undefined | null },
) {
  const {
    data: plan,
    error,
    refetch,
  } = useQuery({ ...comparisonQuery(table, sides, where ?? undefined), enabled: where !== null })
  const keyText = (keyIds ?? (plan ? defaultKey(plan) : [])).join(',')
  const comparedText = comparedIds?.join(',') ?? null
  const request = plan ? JSON.stringify([plan.before.token, plan.after.token, keyText, comparedText]) : null
  /** The request that the user started or cancelled; others start by themselves if they are small. */
  const [decision, setDecision] = useState<{ request: string; starts: boolean; attempt: number } | null>(null)
  const [run, setRun] = useState<{ runKey: string; state: Run } | null>(null)
  const decided = decision?.request === request ? decision : null
  const starts = plan !== undefined && (decided?.starts ?? !isLargeComparison(plan))
  const runKey = request === null ? null : `${request} ${decided?.attempt ?? 0}`

  useEffect(() => {
    if (!starts || plan === undefined || runKey === null) return
    const controller = new AbortController()
    let worker: ComparisonWorker | null = null
    const update = (state: Run) => {
      if (!controller.signal.aborted) setRun({ runKey, state })
    }
    const compare = async () => {
      requireRowLimit(plan.before.differing.rowCount + plan.after.differing.rowCount)
      const planned = await planSides(plan, controller.signal)
      controller.signal.throwIfAborted()
      worker = new ComparisonWorker()
      const compared = await worker.compare(
        planned,
        {
          keyIds: toIds(keyText),
          comparedIds: comparedText === null ? null : toIds(comparedText),
          where: where ?? null,
        },
        (progress, cost) => update({ kind: 'running', progress, cost }),
      )
      update({ kind: 'compared', compared, worker })
    }
    compare().catch((thrown: unknown) => {
      update({ kind: 'failed', error: thrown instanceof Error ? thrown : new AppError('internal', String(thrown)) })
    })
    return () => {
      controller.abort()
      worker?.close()
      setRun(null)
    }
  }, [starts, plan, runKey, keyText, comparedText, where])

  return {
    /** Which files differ; undefined until that is known. */
    plan,
    state: toState(),
    keyIds: toIds(keyText),
    start: () => request !== null && setDecision({ request, starts: true, attempt: (decided?.attempt ?? 0) + 1 }),
    cancel: () => request !== null && setDecision({ request, starts: false, attempt: decided?.attempt ?? 0 }),
    /** Plans again, for other tokens, and compares again. */
    retry: () => {
      if (request !== null) setDecision({ request, starts: true, attempt: (decided?.attempt ?? 0) + 1 })
      void refetch()
    },
  }

  function toState(): ComparisonState {
    if (error) return { kind: 'failed', error }
    if (plan === undefined || request === null) return { kind: 'planning' }
    if (!starts) return { kind: 'waiting', plan, wasCancelled: decided !== null }
    if (run?.runKey !== runKey) return { kind: 'running', plan, progress: null, cost: null }
    return run.state.kind === 'failed' ? run.state : { plan, ...run.state }
  }
}

function toIds(text: string): number[] {
  return text === '' ? [] : text.split(',').map(Number)
}

/** The identifier fields that both schemas have. */
function defaultKey({ before, after }: SnapshotComparison): readonly number[] {
  const known = new Set(before.schema.identifierFieldIds)
  const ids = after.schema.identifierFieldIds
  return ids.every((id) => known.has(id) || hasField(before, id)) ? ids : []
}

function hasField({ schema }: SnapshotComparison['before'], id: number): boolean {
  return schema.fields.some((field) => field.id === id)
}
