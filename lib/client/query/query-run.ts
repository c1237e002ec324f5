import { useEffect, useState } from 'react'
import { AppError } from '@/lib/errors'
import type { QueryCost, QueryEngine, QueryProgress, QueryRequest, QueryResult } from '@/lib/query/engine'
import { loadBrowserEngine } from '../engines'

/** State of the last run. */
export type QueryRunState =
  /** Nothing was run, or the result was dropped because newer ones need the memory. */
  | { status: 'idle'; isDropped?: boolean }
  | {
      status: 'running'
      request: QueryRequest
      progress: QueryProgress
      startedAtMs: number
      costPrompt: CostPrompt | null
    }
  | { status: 'done'; request: QueryRequest; result: QueryResult }
  | { status: 'failed'; request: QueryRequest; error: AppError; elapsedMs: number }

export type FinishedRun = QueryRunState & { status: 'done' | 'failed' }

/** A question before a large load. */
export type CostPrompt = { cost: QueryCost; answer: (isConfirmed: boolean) => void }

export const IDLE: QueryRunState = { status: 'idle' }

let loading: Promise<QueryEngine> | null = null

/**
 * The page's only engine: it and the columns that it loaded stay while the user visits other pages. Its code is loaded
 * with the first call. A failure is not kept.
 */
export function loadQuerySession(): Promise<QueryEngine> {
  loading ??= loadBrowserEngine().catch((error: unknown) => {
    loading = null
    throw error
  })
  return loading
}

/** Runs statements one at a time; a new run and `cancel` end the one before. */
export function createQueryRunner(loadSession: () => Promise<Pick<QueryEngine, 'run'>>) {
  let state = IDLE
  let running: AbortController | null = null
  let isAbandoned = false
  const listeners = new Set<() => void>()
  const setState = (next: QueryRunState) => {
    state = next
    for (const listener of listeners) listener()
  }

  return {
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    state: () => state,
    cancel: () => running?.abort(),
    /** Ends the last run without an outcome and without a question to the user, who is signing out. */
    abandon: () => {
      isAbandoned = true
      if (running) allowUnload(running)
      running?.abort()
    },
    /** Frees the memory of the last result, unless a statement runs. */
    drop: () => {
      if (state.status === 'done') setState({ status: 'idle', isDropped: true })
    },

    /** @param onEnd called once with the outcome, also when the page that started the run is no longer open */
    async run(
      request: QueryRequest,
      { isRetry = false, onEnd }: { isRetry?: boolean; onEnd: (finished: FinishedRun) => void },
    ): Promise<void> {
      running?.abort()
      const controller = new AbortController()
      running = controller
      const startedAtMs = Date.now()
      const initialProgress: QueryProgress = { step: 'starting', readBytes: 0, totalBytes: 0, rowCount: 0 }
      /** A run that was replaced by another no longer updates the state. */
      const update = (next: (state: QueryRunState) => QueryRunState) => {
        if (running === controller) setState(next(state))
      }
      const end = (finished: FinishedRun) => {
        update(() => finished)
        allowUnload(controller)
        if (!isAbandoned) onEnd(finished)
      }
      setState({ status: 'running', request, progress: initialProgress, startedAtMs, costPrompt: null })
      preventUnload(controller)
      try {
        const session = await loadSession()
        if (controller.signal.aborted) throw new AppError('cancelled', 'The query was cancelled.')
        const result = await session.run(request, {
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
              update((current) =>
                current.status === 'running' ? { ...current, costPrompt: { cost, answer } } : current,
              )
            }),
        })
        end({ status: 'done', request, result })
      } catch (error) {
        end({ status: 'failed', request, error: toAppError(error), elapsedMs: Date.now() - startedAtMs })
      }
    },
  }
}

/**
 * Starts the engine when the browser is idle, so that the first query does not wait for it. A failure is not shown: the
 * query that needs it starts it again and reports what fails then.
 */
export function useEarlyEngineStart(mayQuery: boolean): void {
  useEffect(() => {
    if (!mayQuery) return
    return whenIdle(() => {
      loadQuerySession()
        .then((session) => session.start())
        .catch(() => undefined)
    })
  }, [mayQuery])
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
      loadQuerySession()
        .then((session) => session.estimateCost(JSON.parse(key) as QueryRequest, controller.signal))
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
/** The longest wait for an idle moment, and the wait in browsers that do not report any. */
const IDLE_TIMEOUT_MS = 2000

/** Calls back when the browser has nothing else to do. The returned function prevents that. */
function whenIdle(callback: () => void): () => void {
  if (typeof window.requestIdleCallback !== 'function') {
    const timer = setTimeout(callback, IDLE_TIMEOUT_MS)
    return () => clearTimeout(timer)
  }
  const handle = window.requestIdleCallback(callback, { timeout: IDLE_TIMEOUT_MS })
  return () => window.cancelIdleCallback(handle)
}

/** Runs that would end with the page. */
const unfinished = new Set<AbortController>()

function preventUnload(run: AbortController): void {
  unfinished.add(run)
  window.addEventListener('beforeunload', warnBeforeUnload)
}

function allowUnload(run: AbortController): void {
  unfinished.delete(run)
  if (unfinished.size === 0) window.removeEventListener('beforeunload', warnBeforeUnload)
}

/** The browser asks before it reloads or closes the page, which would end the query. */
function warnBeforeUnload(event: BeforeUnloadEvent): void {
  event.preventDefault()
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  return new AppError('internal', error instanceof Error ? error.message : String(error), { cause: error })
}
