// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { useCommitChanges } from '../table/changes'
import { useUndo } from '../table/history'
import { useCancelRun } from '../jobs/change-runs'

afterEach(() => vi.unstubAllGlobals())

const FLIGHTS = { catalog: 'local', namespace: ['demo'], table: 'flights' }

function renderMutation<Result>(useIt: () => Result) {
  const client = new QueryClient()
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  )
  return renderHook(useIt, { wrapper }).result
}

function refuseRequests() {
  const requests: string[] = []
  vi.stubGlobal('fetch', async (address: string) => {
    requests.push(address)
    return Response.json(
      { type: 'about:blank', title: 'Conflict', status: 409, code: 'conflict', detail: 'no' },
      { status: 409 },
    )
  })
  return requests
}

test('A double click sends one request', async () => {
  const requests = refuseRequests()
  const undo = renderMutation(() => useUndo(FLIGHTS))
  act(() => {
    undo.current.mutate({ auditId: '1' })
    undo.current.mutate({ auditId: '1' })
  })
  await waitFor(() => expect(undo.current.isError).toBe(true))
  expect(requests).toHaveLength(1)

  const commit = renderMutation(() => useCommitChanges(FLIGHTS))
  act(() => {
    commit.current.mutate({
      intents: [{ kind: 'remove-property', key: 'a', base: null }],
      idempotencyKey: 'k'.repeat(16),
    })
    commit.current.mutate({
      intents: [{ kind: 'remove-property', key: 'a', base: null }],
      idempotencyKey: 'k'.repeat(16),
    })
  })
  await waitFor(() => expect(commit.current.isError).toBe(true))
  expect(requests).toHaveLength(2)
})

test('A request can be sent again after it has failed', async () => {
  const requests = refuseRequests()
  const undo = renderMutation(() => useUndo(FLIGHTS))
  act(() => undo.current.mutate({ auditId: '1' }))
  await waitFor(() => expect(undo.current.isError).toBe(true))
  act(() => undo.current.mutate({ auditId: '1' }))
  await waitFor(() => expect(requests).toHaveLength(2))
})

test('A list can act on two of its entries at once', async () => {
  const requests = refuseRequests()
  const cancel = renderMutation(() => useCancelRun())
  act(() => {
    cancel.current.mutate('1')
    cancel.current.mutate('2')
  })
  await waitFor(() => expect(requests).toHaveLength(2))
})
