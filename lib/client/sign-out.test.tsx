// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Intent } from '@/lib/changes/intents/intent'
import { useColumnLayout } from './table/column-layouts'
import { keys } from './keys'
import { usePendingChanges } from './table/pending-changes'
import { type HistoryEntry, useQueryHistory } from './query/query-history'
import { initialTabs } from './query/query-tabs'
import { readTabs, saveTabs } from './query/stored-tabs'
import { useSignOut } from './sign-out'
import { storedUploads } from './uploads/stored-uploads'
import { onSignOutElsewhere } from './session/sign-out-signal'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})
afterEach(() => vi.unstubAllGlobals())

const TABS = { state: initialTabs('t1', 'select 1'), addressSql: '' }
const ENTRY: HistoryEntry = { id: '1', sql: 'select 1', ranAtMs: 0, elapsedMs: 0, outcome: { kind: 'cancelled' } }

const TABLE = { catalog: 'local', namespace: ['demo'], table: 'flights' }
const LAYOUT = { order: [], pinned: [], hidden: ['2'], widths: {} }

const INTENT: Intent = { kind: 'set-property', key: 'owner', value: 'bob', base: 'ada' }

function pendingOf(userId: string) {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } })
  client.setQueryData(keys.session(), { userId })
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  )
  return renderHook(() => usePendingChanges(TABLE, { tableUuid: 'uuid 1', metadataLocation: '1.json' }), { wrapper })
    .result
}

test('signing out removes the queries, pending changes, column layouts and addresses of uploads of the user from this browser, and of no other user', async () => {
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
  for (const userId of ['u1', 'u2']) {
    const { result } = renderHook(() => useColumnLayout(userId, TABLE))
    act(() => result.current[1](LAYOUT))
  }
  for (const userId of ['u1', 'u2']) {
    const upload = { size: 1, metadata: {}, creationTime: '', urlStorageKey: '', parallelUploadUrls: null }
    await storedUploads(userId).addUpload('a.csv', { ...upload, uploadUrl: `/uploads/${userId}` })
  }
  saveTabs('u1', TABS)
  for (const userId of ['u1', 'u2']) {
    const pending = pendingOf(userId)
    await act(async () => pending.current.put(INTENT))
    await waitFor(() => expect(pending.current.intents).toHaveLength(1))
  }
  const client = new QueryClient()
  client.setQueryData(keys.session(), { userId: 'u1' })
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  )
  const { result } = renderHook(() => useSignOut(), { wrapper })
  act(() => result.current.mutate())
  await waitFor(() => expect(leave).toHaveBeenCalled())
  expect(localStorage.getItem('lakeshore.signed-out-at')).not.toBeNull()
  expect(readTabs('u1')).toBeNull()
  expect(renderHook(() => useQueryHistory('u1')).result.current.entries).toEqual([])
  expect(renderHook(() => useQueryHistory('u2')).result.current.entries).toEqual([ENTRY])
  expect(renderHook(() => useColumnLayout('u1', TABLE)).result.current[0].hidden).toEqual([])
  expect(renderHook(() => useColumnLayout('u2', TABLE)).result.current[0]).toEqual(LAYOUT)
  expect(pendingOf('u1').current.intents).toEqual([])
  expect(pendingOf('u2').current.intents).toEqual([INTENT])
  expect(await storedUploads('u1').findAllUploads()).toEqual([])
  expect(await storedUploads('u2').findAllUploads()).toHaveLength(1)
  expect(Object.keys(localStorage).filter((key) => key.startsWith('lakeshore.pending'))).toEqual([
    'lakeshore.pending.u2',
  ])
})

test('a sign-out in another tab removes the query of this tab, and leaves the page once', () => {
  saveTabs('u1', TABS)
  const leave = vi.fn()
  onSignOutElsewhere(leave)
  window.dispatchEvent(new StorageEvent('storage', { key: 'other' }))
  expect(leave).not.toHaveBeenCalled()
  localStorage.setItem('lakeshore.signed-out-at', '1')
  window.dispatchEvent(new StorageEvent('storage', { key: 'lakeshore.signed-out-at', newValue: '1' }))
  window.dispatchEvent(new Event('pageshow'))
  expect(leave).toHaveBeenCalledOnce()
  expect(readTabs('u1')).toBeNull()
  expect(sessionStorage).toHaveLength(0)
})
