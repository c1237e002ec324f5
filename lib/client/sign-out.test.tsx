// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keys } from './keys'
import { readDraft, saveDraft } from './query-draft'
import { type HistoryEntry, useQueryHistory } from './query-history'
import { useSignOut } from './sign-out'
import { onSignOutElsewhere } from './sign-out-signal'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})
afterEach(() => vi.unstubAllGlobals())

const ENTRY: HistoryEntry = { id: '1', sql: 'select 1', ranAtMs: 0, elapsedMs: 0, outcome: { kind: 'cancelled' } }

test('signing out removes the queries of the user from this browser, and of no other user', async () => {
  const leave = vi.spyOn(window.location, 'assign').mockImplementation(() => {})
  vi.stubGlobal('fetch', async (address: string) =>
    address === '/api/auth/csrf'
      ? Response.json({ csrfToken: 't' })
      : Response.json(address.startsWith('/api/auth') ? { url: '/' } : {}),
  )
  for (const userId of ['u1', 'u2']) {
    const { result } = renderHook(() => useQueryHistory(userId))
    act(() => result.current.remember(ENTRY))
  }
  saveDraft('u1', { sql: 'select 1', addressSql: '' })
  const client = new QueryClient()
  client.setQueryData(keys.session(), { userId: 'u1' })
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  )
  const { result } = renderHook(() => useSignOut(), { wrapper })
  act(() => result.current.mutate())
  await waitFor(() => expect(leave).toHaveBeenCalled())
  expect(localStorage.getItem('lakeshore.signed-out-at')).not.toBeNull()
  expect(readDraft('u1')).toBeNull()
  expect(renderHook(() => useQueryHistory('u1')).result.current.entries).toEqual([])
  expect(renderHook(() => useQueryHistory('u2')).result.current.entries).toEqual([ENTRY])
})

test('a sign-out in another tab removes the query of this tab, and leaves the page once', () => {
  saveDraft('u1', { sql: 'select 1', addressSql: '' })
  const leave = vi.fn()
  onSignOutElsewhere(leave)
  window.dispatchEvent(new StorageEvent('storage', { key: 'other' }))
  expect(leave).not.toHaveBeenCalled()
  localStorage.setItem('lakeshore.signed-out-at', '1')
  window.dispatchEvent(new StorageEvent('storage', { key: 'lakeshore.signed-out-at', newValue: '1' }))
  window.dispatchEvent(new Event('pageshow'))
  expect(leave).toHaveBeenCalledOnce()
  expect(readDraft('u1')).toBeNull()
  expect(sessionStorage).toHaveLength(0)
})
