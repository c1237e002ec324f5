import { useCallback, useEffect, useRef, useState } from 'react'
import { AppError } from '@/lib/errors'
import { createDecoder } from './duckdb/decoder'
import { planTable } from './duckdb/plan-table'
import type { QueryProgress, QueryCost, QueryRequest, QueryResult } from './duckdb/query-types'
import { createQuerySession, type QuerySession } from './duckdb/query-session'

/** State of the last run. */
export type QueryRunState =
  | { status: 'idle' }
  | {
      status: 'running'
      request: QueryRequest
      progress: QueryProgress
      startedAtMs: number
      costPrompt: CostPrompt | null
    }
  | { status: 'done'; request: QueryRequest; result: QueryResult }
  | { status: 'failed'; request: QueryRequest; error: AppError; elapsedMs: number }

/** A question before a large load. */
export type CostPrompt = { cost: QueryCost; answer: (isConfirmed: boolean) => void }

let session: QuerySession | null = null

/** The page's only session: DuckDB and the loaded columns stay while the user visits other pages. */
export function getQuerySession(): QuerySession {
  session ??= createQuerySession({
    // The engine's code is fetched only when it is needed.
    startEngine: async () => (await import('./duckdb/engine')).startEngine(),
    decoder: createDecoder(),
    planTable,
  })
  return session
}

/** Runs statements one at a time; a new run, `cancel` and leaving the page end the one before. */
export function useQueryRun(onEnd: (state: QueryRunState & { status: 'done' | 'failed' }) => void) {
  const [state, setState] = useState<QueryRunState>({ status: 'idle' })
  const running = useRef<AbortController | null>(null)
  const onEndRef = useRef(onEnd)
  useEffect(() => {
    onEndRef.current = onEnd
  })

  const run = useCallback(async (request: QueryRequest, { isRetry = false }: { isRetry?: boolean } = {}) => {
    running.current?.abort()
    const controller = new AbortController()
    running.current = controller
    const startedAtMs = Date.now()
    const initialProgress: QueryProgress = { step: 'starting', readBytes: 0, totalBytes: 0, rowCount: 0 }
    /** A run that was replaced by another no longer updates the state. */
    const update = (next: (state: QueryRunState) => QueryRunState) => {
      if (running.current === controller) setState(next)
    }
    const end = (next: QueryRunState & { status: 'done' | 'failed' }) => {
      update(() => next)
      onEndRef.current(next)
    }
    setState({ status: 'running', request, progress: initialProgress, startedAtMs, costPrompt: null })
    try {
      const result = await getQuerySession().run(request, {
        signal: controller.signal,
        isRetry,
        onProgress: (progress) =>
          update((current) => (current.status === 'running' ? { ...current, progress } : current)),
        confirm: (cost) =>
          new Promise((resolve) => {
            const answer = (isConfirmed: boolean) => {
              update((current) => (current.status === 'running' ? { ...current, costPrompt: null } : current))
              resolve(isConfirmed)
            }
            controller.signal.addEventListener('abort', () => resolve(false), { once: true })
            update((current) => (current.status === 'running' ? { ...current, costPrompt: { cost, answer } } : current))
          }),
      })
      end({ status: 'done', request, result })
    } catch (error) {
      end({ status: 'failed', request, error: toAppError(error), elapsedMs: Date.now() - startedAtMs })
    }
  }, [])

  const cancel = useCallback(() => running.current?.abort(), [])
  useEffect(() => () => running.current?.abort(), [])
  return { state, run, cancel }
}

/** What a run would read, estimated a moment after the last keystroke; null while it is unknown. */
export function useQueryCost(request: QueryRequest, isPaused: boolean): QueryCost | null {
  const [known, setKnown] = useState<{ key: string; cost: QueryCost } | null>(null)
  const key = JSON.stringify(request)
  const isEmpty = request.sql.trim() === '' || request.connection === ''
  useEffect(() => {
    if (isPaused || isEmpty) return
    const controller = new AbortController()
    const timer = setTimeout(() => {
      getQuerySession()
        .estimateCost(JSON.parse(key) as QueryRequest, controller.signal)
        .then(
          (cost) => controller.signal.aborted || setKnown({ key, cost }),
          // An incomplete statement is not reported as an error until it is run.
          () => controller.signal.aborted || setKnown(null),
        )
    }, COST_DEBOUNCE_MS)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [key, isPaused, isEmpty])
  return known?.key === key && !isEmpty ? known.cost : null
}

const COST_DEBOUNCE_MS = 600

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  return new AppError('internal', error instanceof Error ? error.message : String(error), { cause: error })
}
