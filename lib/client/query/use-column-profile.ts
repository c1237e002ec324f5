import { useCallback, useEffect, useRef, useState } from 'react'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { profileColumn, type ProfiledTable } from '@/lib/query/column-profile'
import type { ColumnProfile } from '@/lib/query/column-profile-types'
import type { QueryCost, QueryEngine, QueryProgress, QueryResult, RunOptions } from '@/lib/query/engine'
import { toFailure } from '../failure'
import { loadQuerySession } from './query-run'

export type ColumnProfileState =
  | {
      status: 'running'
      progress: QueryProgress | null
      question: { cost: QueryCost; answer: (isYes: boolean) => void } | null
    }
  | { status: 'done'; profile: ColumnProfile }
  | { status: 'cancelled' }
  | { status: 'failed'; error: AppError }

const STARTING: ColumnProfileState = { status: 'running', progress: null, question: null }

/**
 * The profile of a column at a snapshot, which the browser's engine computes. Ends when the component does.
 *
 * @param field the same while the component is mounted
 * @param table the same object while the component is mounted
 */
export function useColumnProfile(
  field: NestedField,
  table: ProfiledTable,
  loadEngine: () => Promise<Pick<QueryEngine, 'run'>> = loadQuerySession,
) {
  const compute = useCallback(
    async (options: RunOptions) => {
      const engine = await loadEngine()
      return await profileColumn(field, table, (sql) => engine.run(toRequest(sql, table.table.catalog), options))
    },
    [field, table, loadEngine],
  )
  return useProfile(compute)
}

/**
 * The profile of a column of a result, over the rows that the page has. Ends when the component does.
 *
 * @param result the same object while the component is mounted
 * @param column its index
 */
export function useResultProfile(result: QueryResult, column: number) {
  const compute = useCallback(
    async ({ signal }: RunOptions) => {
      const engine = await loadQuerySession()
      if (engine.profileResult === undefined) throw new AppError('not-supported', 'This engine has no profiles.')
      return await engine.profileResult(result, column, signal)
    },
    [result, column],
  )
  return useProfile(compute)
}

/** @param compute the same function until another profile is meant */
function useProfile(compute: (options: RunOptions) => Promise<ColumnProfile>) {
  const [state, setState] = useState(STARTING)
  const [attempt, setAttempt] = useState(0)
  const controller = useRef<AbortController | null>(null)

  useEffect(() => {
    const running = new AbortController()
    const { signal } = running
    const update = (next: ColumnProfileState) => {
      if (!signal.aborted) setState(next)
    }
    controller.current = running
    compute({
      signal,
      isRetry: attempt > 0,
      onProgress: (progress) => update({ status: 'running', progress, question: null }),
      confirm: (cost) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(false), { once: true })
          const answer = (isYes: boolean) => {
            update(STARTING)
            resolve(isYes)
          }
          update({ status: 'running', progress: null, question: { cost, answer } })
        }),
    }).then(
      (profile) => update({ status: 'done', profile }),
      (error: unknown) => update(toEndedState(error)),
    )
    return () => running.abort()
  }, [compute, attempt])

  const retry = () => {
    setState(STARTING)
    setAttempt(attempt + 1)
  }
  const cancel = () => {
    controller.current?.abort()
    setState({ status: 'cancelled' })
  }
  return { state, retry, cancel }
}

function toEndedState(error: unknown): ColumnProfileState {
  if (error instanceof AppError && error.code === 'cancelled') return { status: 'cancelled' }
  return { status: 'failed', error: toFailure(error) }
}

function toRequest(sql: string, connection: string) {
  return { sql, cursor: 0, connection, connections: [connection], maxRows: 100 }
}
