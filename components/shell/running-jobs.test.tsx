// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, screen } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { render } from '@/testing/components/render'
import { loadEndpoints } from '@/lib/api/call-endpoint'
import { keys } from '@/lib/client/keys'
import { listRuns, type Run } from '@/lib/contract/jobs'
import { SAMPLE_RUN } from '@/testing/contract/sample-run'
import { RunningJobs } from './running-jobs'

const TREE_KEY = [...keys.catalog('local'), 'namespaces']
const REFUSAL = { type: 'about:blank', title: 'no', detail: 'no', facts: {}, requestId: 'r' }

let states: Run['state'][]
let refusal: { status: number; code: string } | null
let requestCount: number
let bulkChange: Run['bulkChange']

// Fake time does not pass while code is loaded.
beforeAll(() => loadEndpoints())
beforeEach(() => {
  states = []
  refusal = null
  requestCount = 0
  bulkChange = null
  vi.useFakeTimers()
  vi.stubGlobal('fetch', async () => {
    requestCount += 1
    if (refusal) return Response.json({ ...REFUSAL, ...refusal }, { status: refusal.status })
    const runs = states.map((state, index) => ({ ...SAMPLE_RUN, id: `R${index}`, state, bulkChange }))
    return Response.json(
      z.encode(listRuns.output, { runs, badges: [], nextBefore: null, kinds: [], isWorkerAlive: true }),
    )
  })
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function renderRunningJobs() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(
    <QueryClientProvider client={client}>
      <RunningJobs />
    </QueryClientProvider>,
  )
  await advanceSeconds(0)
  return client
}

const advanceSeconds = (count: number) => act(() => vi.advanceTimersByTimeAsync(count * 1000))

test('The top bar links to the jobs with the number of running ones, without waiting ones', async () => {
  states = ['running', 'queued', 'running']
  await renderRunningJobs()
  const link = screen.getByRole('link', { name: '2 running' })
  expect(link.getAttribute('href')).toBe('/jobs')
  states = ['queued']
  await advanceSeconds(6)
  expect(screen.queryByRole('link')).toBeNull()
})

test('The link is hidden while nothing runs, and the server is polled rarely', async () => {
  await renderRunningJobs()
  expect(screen.queryByRole('link')).toBeNull()
  await advanceSeconds(60)
  expect(requestCount).toBeLessThanOrEqual(4)
  states = ['running']
  await advanceSeconds(25)
  expect(screen.getByRole('link', { name: '1 running' })).toBeTruthy()
})

test('The tree and the tables of a catalog are read again when a change of many tables is no longer open', async () => {
  states = ['running']
  bulkChange = { catalog: 'local', bulkChangeId: 'B1' }
  const client = await renderRunningJobs()
  const read = () => client.getQueryState(TREE_KEY)?.isInvalidated
  client.setQueryData(TREE_KEY, [])
  await advanceSeconds(6)
  expect(read(), 'while it runs').toBe(false)
  states = []
  await advanceSeconds(6)
  expect(read()).toBe(true)
})

test('The last count stays when the server does not answer, and is marked as stale', async () => {
  states = ['running']
  await renderRunningJobs()
  refusal = { status: 500, code: 'internal' }
  await advanceSeconds(6)
  expect(screen.getByRole('link', { name: '1 running' }).title).toContain('does not answer')
})

test('Polling stops when the session has ended', async () => {
  states = ['running']
  await renderRunningJobs()
  refusal = { status: 401, code: 'unauthenticated' }
  await advanceSeconds(6)
  const requestCountBefore = requestCount
  await advanceSeconds(120)
  expect(requestCount).toBe(requestCountBefore)
})
