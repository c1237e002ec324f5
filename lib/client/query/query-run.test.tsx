// @vitest-environment happy-dom
import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { MAX_RESULT_BYTES, type QueryCost, type QueryRequest, type QueryResult } from '@/lib/query/engine'
import { splitStatements, statementAt } from '@/lib/query/statement/statements'
import { createQueryRunner, type FinishedRun, useEarlyEngineStart } from './query-run'

const start = vi.fn()
const load = async () => ({ start })

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  start.mockReset()
})

const REQUEST: QueryRequest = {
  sql: 'select 1',
  cursor: 0,
  connection: 'local',
  connections: ['local'],
  maxRows: 10,
}

/** A session whose one run ends when the test says so. */
function createPausedRun() {
  const { promise, resolve, reject } = Promise.withResolvers<QueryResult>()
  const runner = createQueryRunner(async () => ({
    run: (_request, { signal }) => {
      signal.addEventListener('abort', () => reject(new AppError('cancelled', 'The query was cancelled.')))
      return promise
    },
  }))
  const ended: FinishedRun[] = []
  return { runner, ended, resolve, onEnd: (finished: FinishedRun) => ended.push(finished) }
}

const isUnloadPrevented = () => {
  const event = new Event('beforeunload', { cancelable: true })
  window.dispatchEvent(event)
  return event.defaultPrevented
}

test('DuckDB is started when the browser is idle, before any query, for users who may query', async () => {
  start.mockResolvedValue({})
  const { rerender } = renderHook(({ mayQuery }) => useEarlyEngineStart(mayQuery, load), {
    initialProps: { mayQuery: false },
  })
  await act(() => vi.advanceTimersByTimeAsync(5000))
  expect(start).not.toHaveBeenCalled()
  rerender({ mayQuery: true })
  expect(start).not.toHaveBeenCalled()
  await act(() => vi.advanceTimersByTimeAsync(5000))
  expect(start).toHaveBeenCalledTimes(1)
})

test('a failure to start DuckDB early is not thrown, and a page that is left at once starts nothing', async () => {
  start.mockRejectedValue(new Error('offline'))
  renderHook(() => useEarlyEngineStart(true, load))
  await act(() => vi.advanceTimersByTimeAsync(5000))
  expect(start).toHaveBeenCalledTimes(1)
  renderHook(() => useEarlyEngineStart(true, load)).unmount()
  await act(() => vi.advanceTimersByTimeAsync(5000))
  expect(start).toHaveBeenCalledTimes(1)
})

test('a run goes on without a page that shows it, and its outcome is remembered', async () => {
  const { runner, ended, resolve, onEnd } = createPausedRun()
  const leavePage = runner.subscribe(() => {})
  const run = runner.run(REQUEST, { onEnd })
  leavePage()
  expect(runner.state().status).toBe('running')
  resolve({ rowCount: 3 } as QueryResult)
  await run
  expect(runner.state()).toMatchObject({ status: 'done', request: { sql: REQUEST.sql }, result: { rowCount: 3 } })
  expect(ended).toHaveLength(1)
})

test('the browser asks before it leaves the console while a query runs, and only then', async () => {
  const { runner, onEnd } = createPausedRun()
  expect(isUnloadPrevented()).toBe(false)
  const run = runner.run(REQUEST, { onEnd })
  expect(isUnloadPrevented()).toBe(true)
  runner.cancel()
  await run
  expect(isUnloadPrevented()).toBe(false)
})

test('a user who signs out is asked nothing, and nothing of the run is remembered afterwards', async () => {
  const { runner, ended, onEnd } = createPausedRun()
  const run = runner.run(REQUEST, { onEnd })
  runner.abandon()
  expect(isUnloadPrevented()).toBe(false)
  await run
  expect(ended).toEqual([])
})

test('a result can be dropped, a running query and a failure cannot', async () => {
  const { runner, resolve, onEnd } = createPausedRun()
  const run = runner.run(REQUEST, { onEnd })
  runner.drop()
  expect(runner.state().status).toBe('running')
  resolve({ rowCount: 3 } as QueryResult)
  await run
  runner.drop()
  expect(runner.state()).toEqual({ status: 'idle', isDropped: true })
  const failing = createPausedRun()
  const failed = failing.runner.run(REQUEST, { onEnd })
  failing.runner.cancel()
  await failed
  failing.runner.drop()
  expect(failing.runner.state()).toMatchObject({ status: 'failed', error: { code: 'cancelled' } })
})

test('a large load that is not confirmed ends without a run, and says what it would have read', async () => {
  const cost = { readBytes: 2_640_000_000 } as QueryCost
  const answers: boolean[] = []
  const runner = createQueryRunner(async () => ({
    run: async (_request, { confirm }) => {
      const isConfirmed = await confirm(cost)
      answers.push(isConfirmed)
      throw new AppError('cancelled', 'The query was cancelled.')
    },
  }))
  const onEnd = vi.fn()
  const answer = async (isConfirmed: boolean) => {
    const stop = runner.subscribe(() => {
      const state = runner.state()
      if (state.status === 'running') state.costPrompt?.answer(isConfirmed)
    })
    await runner.run(REQUEST, { engine: 'server', onEnd })
    stop()
    return onEnd.mock.lastCall
  }
  expect(await answer(false)).toMatchObject([{ status: 'failed', unconfirmed: cost }, 'server'])
  expect(runner.runs().engine).toBe('server')
  const [confirmed] = (await answer(true)) ?? []
  expect(confirmed).not.toHaveProperty('unconfirmed')
  expect(answers).toEqual([false, true])
})

test('the browser asks until the last of two queries has ended', async () => {
  const first = createPausedRun()
  const second = createPausedRun()
  const runs = [first, second].map(({ runner, onEnd }) => runner.run(REQUEST, { onEnd }))
  first.runner.cancel()
  await runs[0]
  expect(isUnloadPrevented()).toBe(true)
  second.runner.cancel()
  await runs[1]
  expect(isUnloadPrevented()).toBe(false)
})

describe('a text with several statements', () => {
  const sql = 'select 1;\nselect 2;\nselect 3'
  const request = { ...REQUEST, sql, cursor: sql.length }

  /** A session whose statements run in turn as `outcomes` says. */
  function createRuns(outcomes: readonly (number | AppError)[]) {
    const received: { text: string; maxResultBytes: number | undefined }[] = []
    const ended: string[] = []
    const runner = createQueryRunner(async () => ({
      run: async (each, { signal, maxResultBytes }) => {
        const statement = statementAt(splitStatements(each.sql), each.cursor)
        const text = each.sql.slice(statement?.start, statement?.end)
        received.push({ text, maxResultBytes })
        const outcome = outcomes[received.length - 1] ?? 0
        if (outcome instanceof AppError) throw outcome
        if (outcome < 0) {
          runner.cancel()
          if (signal.aborted) throw new AppError('cancelled', 'The query was cancelled.')
        }
        return { rowCount: outcome, resultBytes: outcome } as QueryResult
      },
    }))
    const onEnd = ({ position, status }: FinishedRun) => ended.push(`${position?.text ?? ''}: ${status}`)
    return { runner, received, ended, onEnd, statuses: () => runner.runs().states.map(({ status }) => status) }
  }

  test('runs them in order, each with a result of its own and its entry in the history', async () => {
    const { runner, received, ended, onEnd, statuses } = createRuns([1, 2, 3])
    await runner.run(request, { isAll: true, onEnd })
    expect(received.map(({ text }) => text)).toEqual(['select 1', 'select 2', 'select 3'])
    expect(statuses()).toEqual(['done', 'done', 'done'])
    expect(ended).toEqual(['select 1: done', 'select 2: done', 'select 3: done'])
    expect(runner.state()).toMatchObject({ result: { rowCount: 3 }, position: { number: 3, count: 3, line: 3 } })
    runner.show(0)
    expect(runner.state()).toMatchObject({ result: { rowCount: 1 }, position: { number: 1, line: 1 } })
  })

  test('stops at the first failure, which is shown with its line', async () => {
    const problem = new AppError('query-failed', 'No column delai.')
    const { runner, received, ended, onEnd, statuses } = createRuns([1, problem])
    await runner.run(request, { isAll: true, onEnd })
    expect(received).toHaveLength(2)
    expect(statuses()).toEqual(['done', 'failed', 'skipped'])
    expect(runner.state()).toMatchObject({ status: 'failed', error: problem, position: { number: 2, line: 2 } })
    expect(ended).toEqual(['select 1: done', 'select 2: failed'])
  })

  test('runs none of the rest after it was cancelled', async () => {
    const { runner, received, onEnd, statuses } = createRuns([1, -1, 3])
    await runner.run(request, { isAll: true, onEnd })
    expect(received).toHaveLength(2)
    expect(statuses()).toEqual(['done', 'failed', 'skipped'])
    expect(runner.state()).toMatchObject({ error: { code: 'cancelled' } })
  })

  test('has one bound on the memory of all results', async () => {
    const tooLarge = new AppError('too-large', 'The result is too large.', {
      facts: { maxBytes: MAX_RESULT_BYTES - 1000 },
    })
    const { runner, received, onEnd } = createRuns([1000, tooLarge])
    await runner.run(request, { isAll: true, onEnd })
    expect(received.map(({ maxResultBytes }) => maxResultBytes)).toEqual([MAX_RESULT_BYTES, MAX_RESULT_BYTES - 1000])
    expect(runner.state()).toMatchObject({
      error: { message: 'The results of this run are together larger than 256 MiB. Run fewer statements at once.' },
    })
  })

  test('runs the statement at the cursor, or those of the selection', async () => {
    const { runner, received, onEnd } = createRuns([])
    await runner.run({ ...request, cursor: 12 }, { onEnd })
    await runner.run(request, { selection: { start: 17, end: sql.length }, onEnd })
    expect(received.map(({ text }) => text)).toEqual(['select 2', '2', 'select 3'])
  })

  test('without any statement fails with the reason', async () => {
    const { runner, onEnd } = createRuns([])
    await runner.run({ ...REQUEST, sql: '-- nothing' }, { onEnd })
    expect(runner.state()).toMatchObject({ status: 'failed', error: { code: 'query-failed' } })
  })
})
