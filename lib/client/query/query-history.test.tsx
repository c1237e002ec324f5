// @vitest-environment happy-dom
import { act, cleanup, render, renderHook } from '@testing-library/react'
import { useEffect, useRef } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type HistoryEntry, MAX_HISTORY_ENTRIES, useQueryHistory } from './query-history'

const entry = (id: number): HistoryEntry => ({
  id: String(id),
  sql: `select ${id}`,
  ranAtMs: id,
  elapsedMs: 5,
  outcome: { kind: 'done', rowCount: 1, isTruncated: false },
})
const renderHistory = (userId: string | null) => renderHook(() => useQueryHistory(userId)).result

beforeEach(() => localStorage.clear())
afterEach(cleanup)

test('stores what was run, newest first, also failed statements with the reason', () => {
  const history = renderHistory('u1')
  act(() => history.current.remember(entry(1)))
  const failed: HistoryEntry = { ...entry(2), outcome: { kind: 'failed', reason: 'no column delai' } }
  act(() => history.current.remember(failed))
  expect(history.current.entries).toEqual([failed, entry(1)])
  expect(renderHistory('u1').current.entries).toEqual([failed, entry(1)])
})

test('each user has their own history, and there is none before the user is known', () => {
  const history = renderHistory('u1')
  act(() => history.current.remember(entry(1)))
  expect(renderHistory('u2').current.entries).toEqual([])
  const signedOut = renderHistory(null)
  act(() => signedOut.current.remember(entry(2)))
  expect(signedOut.current.entries).toEqual([])
  expect(history.current.entries).toEqual([entry(1)])
})

test('removes the oldest entries at the limit', () => {
  const history = renderHistory('u1')
  for (let id = 0; id < MAX_HISTORY_ENTRIES + 5; id++) act(() => history.current.remember(entry(id)))
  expect(history.current.entries).toHaveLength(MAX_HISTORY_ENTRIES)
  expect(history.current.entries[0]?.id).toBe(String(MAX_HISTORY_ENTRIES + 4))
})

test('leaves out entries that cannot be read', () => {
  localStorage.setItem('lakeshore.query-history.u1', JSON.stringify([{ id: 'broken' }, entry(1), 7]))
  expect(renderHistory('u1').current.entries).toEqual([entry(1)])
  localStorage.setItem('lakeshore.query-history.u3', 'not json')
  expect(renderHistory('u3').current.entries).toEqual([])
})

test('clears all entries', () => {
  const history = renderHistory('u1')
  act(() => history.current.remember(entry(1)))
  act(() => {
    history.current.clear()
  })
  expect(history.current.entries).toEqual([])
})

test('a query that was run is not stored again when a link replaces it as the page opens', () => {
  const history = renderHistory('u1')
  act(() => history.current.remember(entry(1)))
  function Page() {
    const { keepUnrun } = useQueryHistory('u1')
    const { current: keepFirst } = useRef(keepUnrun)
    useEffect(() => keepFirst(entry(1).sql), [keepFirst])
    return null
  }
  const container = document.createElement('div')
  container.innerHTML = renderToString(<Page />)
  render(<Page />, { container, hydrate: true })
  expect(history.current.entries).toEqual([entry(1)])
})
