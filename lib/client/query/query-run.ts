import { useEffect, useState } from 'react'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import type { RunScope, StatementPosition } from '@/lib/query/statement/statements'
import { MAX_RESULT_BYTES } from '@/lib/query/engine'
import type { QueryCost, QueryEngine, QueryProgress, QueryRequest, QueryResult } from '@/lib/query/engine'
import { loadBrowserEngine, loadServerEngine } from '../engines'
import type { EngineName } from './engine-names'

/** State of one statement of the last run. `position` is absent for the only statement of a text. */
export type QueryRunState =
  /** No statement was run, or the results were dropped because newer ones need the memory. */
  | { status: 'idle'; isDropped?: boolean }
  /** It follows the statement that runs. */
  | { status: 'waiting'; request: QueryRequest; position: StatementPosition }
  /** A statement before it failed or was cancelled. */
  | { status: 'skipped'; request: QueryRequest; position: StatementPosition }
  | {
      status: 'running'
      request: QueryRequest
      position?: StatementPosition
      progress: QueryProgress
      startedAtMs: number
      costPrompt: CostPrompt | null
    }
  | {
      status: 'done'
      request: QueryRequest
      position?: StatementPosition
      result: QueryResult
      /** Absent until it is known. */
      storage?: ResultStorage
    }
  | {
      status: 'failed'
      request: QueryRequest
      position?: StatementPosition
      error: AppError
      elapsedMs: number
      /** The cost of a large load that the user did not confirm: the statement ended before it read any rows. */
      unconfirmed?: QueryCost
    }

/** Whether this browser has a result after a reload of the page. */
export type ResultStorage =
  | { kind: 'stored'; atMs: number }
  /** It came from there: it was stored then. */
  | { kind: 'restored'; atMs: number }
  | {
      kind: 'refused'
      reason: 'too-large' | 'no-space' | 'no-code' | 'reads-files' | 'reads-history' | 'no-tables' | 'not-exact'
    }

/** The last run: the states of its statements in order, and the index of the one that is shown. */
export type QueryRuns = {
  /** The whole text of the editor when the run began; null before the first. */
  sql: string | null
  scope: RunScope
  engine: EngineName
  states: readonly QueryRunState[]
  shown: number
}

export type FinishedRun = QueryRunState & { status: 'done' | 'failed' }

/** A question before a large load. */
export type CostPrompt = { cost: QueryCost; answer: (isConfirmed: boolean) => void }

export const IDLE: QueryRunState = { status: 'idle' }
export const NO_RUNS: QueryRuns = {
  sql: null,
  scope: { isAll: false, selection: null },
  engine: 'browser',
  states: [],
  shown: 0,
}

export type RunChoice = Partial<RunScope> & {
  /** Where it runs, by default in the browser. */
  engine?: EngineName
  isRetry?: boolean
  skipsCache?: boolean
  /** Called with the outcome of each statement, also when the page that started the run is no longer open. */
  onEnd: (finished: FinishedRun, engine: EngineName) => void
}

let loading: Promise<QueryEngine> | null = null

/**
 * The page's only engine: it and the columns that it loaded stay while the user visits other pages. Its code is loaded
 * with the first call. A failure is not cached.
 */
export function loadQuerySession(): Promise<QueryEngine> {
  loading ??= loadBrowserEngine().catch((error: unknown) => {
    loading = null
    throw error
  })
  return loading
}

/** The engine of this name. Throws as {@link loadQuerySession}. */
export async function loadEngine(name: EngineName): Promise<QueryEngine> {
  const browser = await loadQuerySession()
  return name === 'server' ? await loadServerEngine(browser) : browser
}

/**
 * Runs statements one at a time; a new run and `cancel` end the one before.
 *
 * @param options.preventsUnload the browser asks before it leaves a page with a running statement
 */
export function createQueryRunner(
  loadSession: (engine: EngineName) => Promise<Pick<QueryEngine, 'run'>>,
  { preventsUnload = true } = {},
) {
  let runs = NO_RUNS
  let running: AbortController | null = null
  let isAbandoned = false
  const listeners = new Set<() => void>()
  const setRuns = (next: QueryRuns) => {
    runs = next
    for (const listener of listeners) listener()
  }
  const shownState = () => runs.states[runs.shown] ?? IDLE
  const isRunning = () => runs.states.some(({ status }) => status === 'running')

  return {
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    state: shownState,
    isRunning,
    runs: () => runs,
    /** Rows of all results that the page holds. */
    rowCount: () => runs.states.reduce((sum, state) => sum + (state.status === 'done' ? state.result.rowCount : 0), 0),
    /** Shows the statement with an index. */
    show: (index: number) => {
      if (index in runs.states) setRuns({ ...runs, shown: index })
    },
    /** Shows a stored run, unless another has begun. */
    restore: (stored: QueryRuns) => {
      if (runs.states.every(({ status }) => status === 'idle')) setRuns(stored)
    },
    /** Notes the storage of the results of `states`, unless others have replaced them. */
    setStorages: (states: QueryRuns['states'], storages: readonly (ResultStorage | undefined)[]) => {
      if (runs.states !== states) return
      const withStorage = states.map((state, i) => {
        const storage = storages[i]
        return state.status === 'done' && storage !== undefined ? { ...state, storage } : state
      })
      setRuns({ ...runs, states: withStorage })
    },
    cancel: () => running?.abort(),
    /** Ends the last run without an outcome and without a question to the user, who is signing out. */
    abandon: () => {
      isAbandoned = true
      if (running) allowUnload(running)
      running?.abort()
    },
    /** Frees the memory of the last results, unless a statement runs. */
    drop: () => {
      if (!isRunning() && runs.states.some(({ status }) => status === 'done'))
        setRuns({ ...NO_RUNS, states: [{ status: 'idle', isDropped: true }] })
    },

    /** Runs the statement at the cursor, the selected statements, or all, until one of them fails. */
    async run(
      request: QueryRequest,
      { engine = 'browser', isRetry = false, skipsCache = false, isAll = false, selection = null, onEnd }: RunChoice,
    ): Promise<void> {
      running?.abort()
      const controller = new AbortController()
      running = controller
      const { signal } = controller
      /** A run that was replaced by another no longer updates the state. */
      const update = (next: (runs: QueryRuns) => QueryRuns) => {
        if (running === controller) setRuns(next(runs))
      }
      const updateState = (index: number, next: (state: QueryRunState) => QueryRunState) =>
        update((current) => ({
          ...current,
          states: current.states.map((state, i) => (i === index ? next(state) : state)),
        }))
      let resultBytes = 0

      async function runStatement(index: number, statement: StatementRequest): Promise<FinishedRun> {
        const startedAtMs = Date.now()
        updateState(index, () => startingState(statement))
        let unconfirmed: QueryCost | null = null
        try {
          const session = await loadSession(engine)
          if (signal.aborted) throw cancelledError()
          const result = await session.run(statement.request, {
            signal,
            isRetry,
            skipsCache,
            maxResultBytes: MAX_RESULT_BYTES - resultBytes,
            onProgress: (progress) =>
              updateState(index, (current) => (current.status === 'running' ? { ...current, progress } : current)),
            confirm: (cost) =>
              new Promise((resolve) => {
                unconfirmed = cost
                const answer = (isConfirmed: boolean) => {
                  if (isConfirmed) unconfirmed = null
                  updateState(index, (current) =>
                    current.status === 'running' ? { ...current, costPrompt: null } : current,
                  )
                  resolve(isConfirmed)
                }
                signal.addEventListener('abort', () => resolve(false), { once: true })
                updateState(index, (current) =>
                  current.status === 'running' ? { ...current, costPrompt: { cost, answer } } : current,
                )
                // The question is where the result will be.
                update((current) => ({ ...current, shown: index }))
              }),
          })
          resultBytes += result.resultBytes
          return { ...statement, status: 'done', result }
        } catch (error) {
          return {
            ...statement,
            status: 'failed',
            error: toRunError(error, resultBytes),
            elapsedMs: Date.now() - startedAtMs,
            ...(unconfirmed !== null && { unconfirmed }),
          }
        }
      }

      setRuns({ sql: request.sql, scope: { isAll, selection }, engine, states: [startingState({ request })], shown: 0 })
      if (preventsUnload) preventUnload(controller)
      const end = (index: number, finished: FinishedRun) => {
        updateState(index, () => finished)
        if (!isAbandoned) onEnd(finished, engine)
      }
      try {
        const statements = await planStatements(request, { isAll, selection })
        update((current) => ({
          ...current,
          states: statements.map((statement, i) => (i === 0 ? startingState(statement) : waitingState(statement))),
        }))
        for (const [index, statement] of statements.entries()) {
          // The statement that runs is shown until the user chooses another.
          update((current) => (current.shown === index - 1 ? { ...current, shown: index } : current))
          const finished = await runStatement(index, statement)
          end(index, finished)
          if (finished.status === 'done') continue
          update((current) => ({
            ...current,
            shown: index,
            states: current.states.map((state) =>
              state.status === 'waiting' ? { ...state, status: 'skipped' } : state,
            ),
          }))
          break
        }
      } catch (error) {
        end(0, { status: 'failed', request, error: toAppError(error), elapsedMs: 0 })
      } finally {
        allowUnload(controller)
      }
    },
  }
}

type StatementRequest = { request: QueryRequest; position?: StatementPosition }

/** The requests of a run. The only statement of a text is the text itself. */
async function planStatements(request: QueryRequest, scope: RunScope): Promise<StatementRequest[]> {
  const { findRunnable } = await import('@/lib/query/statement/statements').catch((cause: unknown) => {
    throw new AppError('server-unreachable', 'The server did not respond.', { cause })
  })
  const statements = findRunnable(request.sql, request.cursor, scope)
  return statements.map(({ sql, cursor, position }) => ({
    request: { ...request, sql, cursor },
    ...((position.count > 1 || sql !== request.sql) && { position }),
  }))
}

function startingState(statement: StatementRequest): QueryRunState {
  const progress: QueryProgress = { step: 'starting', readBytes: 0, totalBytes: 0, rowCount: 0 }
  return { ...statement, status: 'running', progress, startedAtMs: Date.now(), costPrompt: null }
}

function waitingState({ request, position }: StatementRequest): QueryRunState {
  // Each of several statements has a position.
  return position === undefined ? IDLE : { status: 'waiting', request, position }
}

function cancelledError(): AppError {
  return new AppError('cancelled', 'The query was cancelled.')
}

/**
 * Starts the engine when the browser is idle, so that the first query does not wait for it. A failure is not shown: the
 * query that needs it starts it again and reports what fails then.
 */
export function useEarlyEngineStart(
  mayQuery: boolean,
  load: () => Promise<Pick<QueryEngine, 'start'>> = loadQuerySession,
): void {
  useEffect(() => {
    if (!mayQuery) return
    return whenIdle(() => {
      load()
        .then((session) => session.start())
        .catch(() => undefined)
    })
  }, [mayQuery, load])
}

/** The estimated cost of a run, a moment after the last keystroke; null while it is unknown. */
export function useQueryCost(request: QueryRequest, engine: EngineName, isPaused: boolean): QueryCost | null {
  const [known, setKnown] = useState<{ key: string; cost: QueryCost } | null>(null)
  const requestKey = JSON.stringify(request)
  const key = `${engine} ${requestKey}`
  const isEmpty = request.sql.trim() === '' || request.connection === ''
  useEffect(() => {
    if (isPaused || isEmpty) return
    const controller = new AbortController()
    const timer = setTimeout(() => {
      loadEngine(engine)
        .then((session) => session.estimateCost(JSON.parse(requestKey) as QueryRequest, controller.signal))
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
  }, [key, requestKey, engine, isPaused, isEmpty])
  return known?.key === key && !isEmpty ? known.cost : null
}

const COST_DEBOUNCE_MS = 600
/** The longest wait for an idle moment, and the wait in browsers that do not report any. */
const IDLE_TIMEOUT_MS = 2000

/** Calls back when the browser is idle. The returned function prevents that. */
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

/** A result that would fit alone may be too large together with those before it. */
function toRunError(error: unknown, otherBytes: number): AppError {
  const problem = toAppError(error)
  if (otherBytes === 0 || problem.facts['maxBytes'] !== MAX_RESULT_BYTES - otherBytes) return problem
  const limit = formatBytes(MAX_RESULT_BYTES)
  const detail = `The results of this run are together larger than ${limit}. Run fewer statements at once.`
  return new AppError('too-large', detail, { cause: problem, facts: problem.facts })
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  return new AppError('internal', error instanceof Error ? error.message : String(error), { cause: error })
}
