import { useCallback, useEffect, useRef, useState } from 'react'
import { AppError } from '@/lib/errors'
import { createDecoder } from './duckdb/decoder'
import { planTable } from './duckdb/plan-table'
import type { Progress, QueryCost, QueryRequest, QueryResult } from './duckdb/query'
import { createQuerySession, type QuerySession } from './duckdb/session'

/** How the last run stands. */
export type RunState =
  | { status: 'idle' }
  | { status: 'running'; request: QueryRequest; progress: Progress; startedAtMs: number; asks: AskedCost | null }
  | { status: 'done'; request: QueryRequest; result: QueryResult }
  | { status: 'failed'; request: QueryRequest; error: AppError; elapsedMs: number }

/** A load large enough to ask first. */
export type AskedCost = { cost: QueryCost; answer: (isYes: boolean) => void }

let opened: QuerySession | null = null

/** The page's one session: DuckDB and what was loaded stay while the person looks at other pages. */
export function querySession(): QuerySession {
  opened ??= createQuerySession({
    // The engine's code is fetched only when something is asked of it.
    startEngine: async () => (await import('./duckdb/engine')).startEngine(),
    decoder: createDecoder(),
    planTable,
  })
  return opened
}

/** Runs statements one at a time; a new run, `cancel` and leaving the page end the one before. */
export function useQueryRun(onEnd: (state: RunState & { status: 'done' | 'failed' }) => void) {
  const [state, setState] = useState<RunState>({ status: 'idle' })
  const running = useRef<AbortController | null>(null)
  const told = useRef(onEnd)
  useEffect(() => {
    told.current = onEnd
  })

  const run = useCallback(async (request: QueryRequest, { isRetry = false }: { isRetry?: boolean } = {}) => {
    running.current?.abort()
    const controller = new AbortController()
    running.current = controller
    const startedAtMs = Date.now()
    const nothing: Progress = { step: 'starting', readBytes: 0, totalBytes: 0, rowCount: 0 }
    /** A run that was replaced by another has nothing to say any more. */
    const change = (next: (state: RunState) => RunState) => {
      if (running.current === controller) setState(next)
    }
    const end = (next: RunState & { status: 'done' | 'failed' }) => {
      change(() => next)
      told.current(next)
    }
    setState({ status: 'running', request, progress: nothing, startedAtMs, asks: null })
    try {
      const result = await querySession().run(request, {
        signal: controller.signal,
        isRetry,
        onProgress: (progress) => change((now) => (now.status === 'running' ? { ...now, progress } : now)),
        confirm: (cost) =>
          new Promise((resolve) => {
            const answer = (isYes: boolean) => {
              change((now) => (now.status === 'running' ? { ...now, asks: null } : now))
              resolve(isYes)
            }
            controller.signal.addEventListener('abort', () => resolve(false), { once: true })
            change((now) => (now.status === 'running' ? { ...now, asks: { cost, answer } } : now))
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

/** What a run would read, asked a moment after the text came to rest; null while unknown or not to be known. */
export function useQueryCost(request: QueryRequest, isPaused: boolean): QueryCost | null {
  const [known, setKnown] = useState<{ key: string; cost: QueryCost } | null>(null)
  const key = JSON.stringify(request)
  const isEmpty = request.sql.trim() === '' || request.connection === ''
  useEffect(() => {
    if (isPaused || isEmpty) return
    const controller = new AbortController()
    const timer = setTimeout(() => {
      querySession()
        .cost(JSON.parse(key) as QueryRequest, controller.signal)
        .then(
          (cost) => controller.signal.aborted || setKnown({ key, cost }),
          // A statement half written is no failure: what is wrong with it is said when it is run.
          () => controller.signal.aborted || setKnown(null),
        )
    }, REST_MS)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [key, isPaused, isEmpty])
  return known?.key === key && !isEmpty ? known.cost : null
}

const REST_MS = 600

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  return new AppError('internal', error instanceof Error ? error.message : String(error), { cause: error })
}
