// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Intent } from '@/lib/changes/intents/intent'
import { useCommitChanges } from './changes'
import { keys } from '../keys'
import { movePendingChanges, usePendingChanges, useTotalPendingCount } from './pending-changes'

const FLIGHTS = { catalog: 'local', namespace: ['demo'], table: 'flights' }
const INTENT: Intent = { kind: 'set-property', key: 'owner', value: 'bob', base: 'ada' }

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

const pendingOf = (userId: string | null, table = 'flights') =>
  renderFor(userId, () => usePendingChanges({ ...FLIGHTS, table }))

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
      pending.current.clear()
      pending.current.put(INTENT)
    })
    await waitFor(() => expect(pending.current.intents).toEqual([INTENT]))
  })

  it('go with a table that gets another name, and end with one that is gone', async () => {
    await putFor('u1', INTENT)
    await putFor('u1', { ...INTENT, key: 'comment' }, 'trips')
    movePendingChanges('u1', FLIGHTS, { ...FLIGHTS, table: 'flights_2001' })
    expect(pendingOf('u1').current.intents).toEqual([])
    expect(pendingOf('u1', 'flights_2001').current.intents).toEqual([INTENT])
    movePendingChanges('u1', { ...FLIGHTS, table: 'flights_2001' }, null)
    movePendingChanges('u1', { ...FLIGHTS, table: 'no_changes' }, FLIGHTS)
    expect(renderFor('u1', useTotalPendingCount).current).toBe(1)
  })

  it('are none while the user is unknown, and when the stored text is invalid', async () => {
    vi.stubGlobal('fetch', () => new Promise(() => {}))
    await putFor(null, INTENT)
    expect(pendingOf(null).current.intents).toEqual([])
    expect(localStorage).toHaveLength(0)
    const table = JSON.stringify(['local', 'demo', 'flights'])
    for (const stored of ['not json', '{}', JSON.stringify([7, { table, changes: [{ intent: INTENT }] }])]) {
      localStorage.setItem('lakeshore.pending.u1', stored)
      expect(pendingOf('u1').current.intents).toEqual([])
    }
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
