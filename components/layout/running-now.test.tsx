// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { render } from '@/components/ui/render'
import { listRuns, type Run } from '@/lib/contract/jobs'
import { SAMPLE_RUN } from '@/lib/contract/sample-run'
import { RunningNow } from './running-now'

const REFUSAL = { type: 'about:blank', title: 'no', detail: 'no', facts: {}, requestId: 'r' }

let states: Run['state'][]
let refusal: { status: number; code: string } | null
let askedCount: number

beforeEach(() => {
  states = []
  refusal = null
  askedCount = 0
  vi.useFakeTimers()
  vi.stubGlobal('fetch', async () => {
    askedCount += 1
    if (refusal) return Response.json({ ...REFUSAL, ...refusal }, { status: refusal.status })
    const runs = states.map((state, index) => ({ ...SAMPLE_RUN, id: `R${index}`, state }))
    return Response.json(z.encode(listRuns.output, { runs, nextBefore: null, kinds: [], isWorkerAlive: true }))
  })
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function show() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(
    <QueryClientProvider client={client}>
      <RunningNow />
    </QueryClientProvider>,
  )
  await seconds(0)
}

const seconds = (count: number) => act(() => vi.advanceTimersByTimeAsync(count * 1000))

test('The top bar tells how many jobs run, not those that wait, and leads to them', async () => {
  states = ['running', 'queued', 'running']
  await show()
  const link = screen.getByRole('link', { name: '2 running' })
  expect(link.getAttribute('href')).toBe('/jobs')
  states = ['queued']
  await seconds(6)
  expect(screen.queryByRole('link')).toBeNull()
})

test('Nothing is told while nothing runs, and it is seldom asked', async () => {
  await show()
  expect(screen.queryByRole('link')).toBeNull()
  await seconds(60)
  expect(askedCount).toBeLessThanOrEqual(4)
  states = ['running']
  await seconds(25)
  expect(screen.getByRole('link', { name: '1 running' })).toBeTruthy()
})

test('What was read last stays when the server does not answer, and says so', async () => {
  states = ['running']
  await show()
  refusal = { status: 500, code: 'internal' }
  await seconds(6)
  expect(screen.getByRole('link', { name: '1 running' }).title).toContain('does not answer')
})

test('Who is not signed in any more is not asked about again and again', async () => {
  states = ['running']
  await show()
  refusal = { status: 401, code: 'unauthenticated' }
  await seconds(6)
  const asked = askedCount
  await seconds(120)
  expect(askedCount).toBe(asked)
})
