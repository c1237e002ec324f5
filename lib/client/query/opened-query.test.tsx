// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clearDrafts } from './query-draft'
import { type OpenedQuery, useOpenedQuery } from './opened-query'

beforeEach(() => sessionStorage.clear())
afterEach(cleanup)

const QUERY: OpenedQuery = {
  queryId: 'q1',
  version: 2,
  name: 'Delays',
  sql: 'select 1',
  owner: 'ada',
  isShared: false,
  isOwn: true,
  mayChange: true,
}

test('The opened query survives a reload, for its user only', () => {
  const first = renderHook(() => useOpenedQuery('u1'))
  act(() => first.result.current[1](QUERY))
  expect(first.result.current[0]).toEqual(QUERY)
  first.unmount()
  expect(renderHook(() => useOpenedQuery('u1')).result.current[0]).toEqual(QUERY)
  expect(renderHook(() => useOpenedQuery('u2')).result.current[0]).toBeNull()
  expect(renderHook(() => useOpenedQuery(null)).result.current[0]).toBeNull()
})

test('Signing out forgets it, and so does what no version of the page has stored', () => {
  const { result } = renderHook(() => useOpenedQuery('u1'))
  act(() => result.current[1](QUERY))
  clearDrafts('u1')
  expect(renderHook(() => useOpenedQuery('u1')).result.current[0]).toBeNull()
  for (const stored of ['{', '7', '{"userId":"u1","queryId":4}']) {
    sessionStorage.setItem('lakeshore.query-opened', stored)
    expect(renderHook(() => useOpenedQuery('u1')).result.current[0]).toBeNull()
  }
})
