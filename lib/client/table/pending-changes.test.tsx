// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Intent } from '@/lib/changes/intents/intent'
import { useCommitChanges } from './changes'
import { keys } from '../keys'
import {
  movePendingChanges,
  useEarlierChanges,
  useEndingElsewhere,
  usePendingChanges,
  usePendingCounts,
  useTotalPendingCount,
} from './pending-changes'

const FLIGHTS = { catalog: 'local', namespace: ['demo'], table: 'flights' }
const INTENT: Intent = { kind: 'set-property', key: 'owner', value: 'bob', base: 'ada' }

const STORED = 'lakeshore.pending.u1'

beforeEach(() => localStorage.clear())
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

/** Renders a hook on a page that shows `userId` as signed in; null while the page does not know yet. */
function renderFor<Result>(userId: string | null, useHook: () => Result) {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } })
  if (userId !== null) client.setQueryData(keys.session(), { userId, username: userId })
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  )
  return renderHook(useHook, { wrapper }).result
}

const pendingOf = (
  userId: string | null,
  table = 'flights',
  tableUuid = `uuid of ${table}`,
  metadataLocation = '1.json',
) => renderFor(userId, () => usePendingChanges({ ...FLIGHTS, table }, { tableUuid, metadataLocation }))

async function putFor(userId: string | null, intent: Intent, table = 'flights') {
  const pending = pendingOf(userId, table)
  await act(async () => pending.current.put(intent))
  await act(() => import('@/lib/changes/intents/pending-intents'))
}

describe('Pending changes', () => {
  it('belong to one user and one table', async () => {
    await putFor('u1', INTENT)
    expect(pendingOf('u1').current.intents).toEqual([INTENT])
    expect(pendingOf('u2').current.intents).toEqual([])
    expect(pendingOf('u1', 'trips').current.intents).toEqual([])
    await putFor('u1', { ...INTENT, key: 'comment' }, 'trips')
    expect(renderFor('u1', useTotalPendingCount).current).toBe(2)
    expect(renderFor('u2', useTotalPendingCount).current).toBe(0)
    const pending = pendingOf('u1')
    await act(async () => pending.current.drop('property owner'))
    await waitFor(() => expect(renderFor('u1', useTotalPendingCount).current).toBe(1))
  })

  it('are made in the order of the edits, whether or not their code was loaded before', async () => {
    const pending = pendingOf('u1')
    await act(async () => {
      pending.current.put(INTENT)
      pending.current.drop('property owner')
      pending.current.put({ ...INTENT, key: 'comment' })
    })
    await waitFor(() => expect(pending.current.intents).toEqual([{ ...INTENT, key: 'comment' }]))
    await act(async () => {
      pending.current.clear('discarded')
      pending.current.put(INTENT)
    })
    await waitFor(() => expect(pending.current.intents).toEqual([INTENT]))
  })

  it('keep the metadata file of the first of them, also on a page that is loaded after another commit', async () => {
    await putFor('u1', INTENT)
    const reloaded = pendingOf('u1', 'flights', 'uuid of flights', '2.json')
    expect(reloaded.current.startedAt).toBe('1.json')
    await act(async () => reloaded.current.put({ ...INTENT, key: 'comment' }))
    await waitFor(() => expect(reloaded.current.intents).toHaveLength(2))
    expect(reloaded.current.startedAt).toBe('1.json')
    const { intents, startedAt } = reloaded.current
    await act(async () => reloaded.current.clear('discarded'))
    await waitFor(() => expect(reloaded.current.startedAt).toBeNull())
    await act(async () => reloaded.current.put(INTENT))
    await waitFor(() => expect(reloaded.current.startedAt).toBe('2.json'))
    await act(async () => reloaded.current.clear('discarded'))
    await act(async () => reloaded.current.update(() => intents, startedAt))
    await waitFor(() => expect(reloaded.current.startedAt).toBe('1.json'))
  })

  it('leave their outcome for the other tabs, until there is another change', async () => {
    const elsewhere = () => renderFor('u1', () => useEndingElsewhere(FLIGHTS, 'uuid of flights')).current
    /** As the other tabs of the browser read it. */
    const readInAnotherTab = () =>
      localStorage.setItem(
        STORED,
        (localStorage.getItem(STORED) ?? '').replaceAll(/"tabId":"[^"]+"/g, '"tabId":"other"'),
      )
    const pending = pendingOf('u1')
    await act(async () => pending.current.drop('property owner'))
    expect(localStorage).toHaveLength(0)
    await putFor('u1', INTENT)
    await act(async () => pending.current.clear('committed'))
    await waitFor(() => expect(pending.current.intents).toEqual([]))
    expect(elsewhere()).toBeNull()
    readInAnotherTab()
    expect(elsewhere()?.outcome).toBe('committed')
    expect(renderFor('u1', useTotalPendingCount).current).toBe(0)
    await putFor('u1', INTENT)
    expect(elsewhere()).toBeNull()
    await act(async () => pending.current.drop('property owner'))
    await waitFor(() => expect(pending.current.intents).toEqual([]))
    readInAnotherTab()
    expect(elsewhere()?.outcome).toBe('removed')
  })

  it('leave the outcomes of the newest ten tables', async () => {
    for (let i = 0; i < 12; i++) {
      await putFor('u1', INTENT, `t${i}`)
      const pending = pendingOf('u1', `t${i}`)
      await act(async () => pending.current.clear('discarded'))
      await waitFor(() => expect(pending.current.intents).toEqual([]))
    }
    const stored: { key: string }[] = JSON.parse(localStorage.getItem(STORED) ?? '[]')
    expect(stored.map(({ key }) => key)).toEqual(Array.from({ length: 10 }, (_, i) => `["local","uuid of t${i + 2}"]`))
  })

  it('go with a table that gets another name, and end with one that is gone', async () => {
    await putFor('u1', INTENT)
    await putFor('u1', { ...INTENT, key: 'comment' }, 'trips')
    movePendingChanges('u1', FLIGHTS, { ...FLIGHTS, table: 'flights_2001' })
    expect(pendingOf('u1', 'flights_2001', 'uuid of flights').current.intents).toEqual([INTENT])
    expect(renderFor('u1', () => useEarlierChanges(FLIGHTS, null)).current.intents).toEqual([])
    movePendingChanges('u1', { ...FLIGHTS, table: 'flights_2001' }, null)
    movePendingChanges('u1', { ...FLIGHTS, table: 'no_changes' }, FLIGHTS)
    expect(renderFor('u1', useTotalPendingCount).current).toBe(1)
  })

  it('are never those of an earlier table with the name, and follow that one', async () => {
    await putFor('u1', INTENT)
    expect(pendingOf('u1', 'flights', 'uuid of a new table').current.intents).toEqual([])
    expect(renderFor('u1', () => usePendingCounts(FLIGHTS, 'uuid of a new table')).current.size).toBe(0)
    expect(renderFor('u1', () => usePendingChanges(FLIGHTS, null)).current.intents).toEqual([])
    expect(pendingOf('u1', 'renamed_by_spark', 'uuid of flights').current.intents).toEqual([INTENT])
    const earlier = renderFor('u1', () => useEarlierChanges(FLIGHTS, 'uuid of a new table'))
    expect(earlier.current.intents).toEqual([INTENT])
    expect(renderFor('u1', () => useEarlierChanges(FLIGHTS, 'uuid of flights')).current.intents).toEqual([])
    act(() => earlier.current.clear())
    expect(renderFor('u1', useTotalPendingCount).current).toBe(0)
  })

  it('are none while the user is unknown, and when the stored text is invalid', async () => {
    vi.stubGlobal('fetch', () => new Promise(() => {}))
    await putFor(null, INTENT)
    expect(pendingOf(null).current.intents).toEqual([])
    expect(localStorage).toHaveLength(0)
    const table = JSON.stringify(['local', 'demo', 'flights'])
    for (const stored of ['not json', '{}', JSON.stringify([7, { key: 'k', table, changes: [{ intent: INTENT }] }])]) {
      localStorage.setItem('lakeshore.pending.u1', stored)
      expect(pendingOf('u1').current.intents).toEqual([])
    }
    // As another version of Lakeshore stores them.
    const changes = [{ target: 'property owner', area: 'settings', intent: INTENT }]
    const key = JSON.stringify(['local', 'uuid of flights'])
    localStorage.setItem('lakeshore.pending.u1', JSON.stringify([{ key, table, changes }]))
    expect(pendingOf('u1').current).toMatchObject({ intents: [INTENT], startedAt: null })
  })

  it('are not committed as another user, who has signed in since', async () => {
    const paths: string[] = []
    vi.stubGlobal('fetch', async (path: string) => {
      paths.push(path)
      return Response.json({
        userId: 'u2',
        username: 'bea',
        role: 'editor',
        permissions: [],
        expiresAtMs: 1,
        grants: [],
        hasGeneratedPassword: false,
        hasPassword: true,
      })
    })
    const commit = renderFor('u1', () => useCommitChanges(FLIGHTS))
    act(() => commit.current.mutate({ intents: [INTENT], idempotencyKey: 'k'.repeat(16) }))
    await waitFor(() => expect(commit.current.error?.message).toContain('not those of bea'))
    expect([...new Set(paths)]).toEqual(['/api/v1/session'])
  })
})
