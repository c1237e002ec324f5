// @vitest-environment happy-dom
import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import type { QueryRequest, QueryResult } from '@/lib/query/engine'
import { createQueryRunner, type FinishedRun, useEarlyEngineStart } from './query-run'

const start = vi.hoisted(() => vi.fn())
vi.mock('../duckdb/page-session', () => ({ createPageSession: () => ({ start }) }))

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
  timeZone: 'UTC',
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
  const { rerender } = renderHook(({ mayQuery }) => useEarlyEngineStart(mayQuery), {
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
  renderHook(() => useEarlyEngineStart(true))
  await act(() => vi.advanceTimersByTimeAsync(5000))
  expect(start).toHaveBeenCalledTimes(1)
  renderHook(() => useEarlyEngineStart(true)).unmount()
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
  expect(runner.state()).toMatchObject({ status: 'done', request: REQUEST, result: { rowCount: 3 } })
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
