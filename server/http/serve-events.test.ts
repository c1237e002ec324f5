import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { endpoint } from '@/lib/contract/endpoint'
import { isOnPostgres } from '@/testing/databases/test-postgres'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { type SendEvent, serveEvents } from './serve-events'

const home = createTestHome()

let stopping: AbortController
let handle: ReturnType<typeof serveEvents>['handle']

const watch = endpoint({
  summary: 'Proves a rule',
  method: 'GET',
  path: '/api/v1/watch',
  permission: 'signed-in',
  input: z.object({}),
  output: 'events',
})

let person: SignedInUser
let sends: SendEvent[]
let endedCount: number

beforeEach(async () => {
  person = await signInAs(home.services, 'editor')
  sends = []
  endedCount = 0
  stopping = new AbortController()
  const services = { ...home.services, stopping: stopping.signal }
  handle = serveEvents(services, watch, async (_input, send) => {
    sends.push(send)
    return () => {
      endedCount += 1
    }
  }).handle
})
afterEach(() => {
  vi.useRealTimers()
})

/** Waits until everything sent so far is delivered: events are delivered in order, and this one is last. */
function deliverAll(): Promise<void> {
  return new Promise((resolve) =>
    sends[0]?.(() => {
      resolve()
      return null
    }),
  )
}

function openStream(method = 'GET', signal?: AbortSignal): Promise<Response> {
  const request = new Request('http://test/x', {
    method,
    headers: { cookie: person.cookie },
    ...(signal && { signal }),
  })
  return handle(request, { params: Promise.resolve({}) })
}

it('sends each user what they may know, as events that no proxy buffers', async () => {
  const stop = new AbortController()
  const response = await openStream('GET', stop.signal)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  })
  sends[0]?.(({ role }) => ({ event: 'hello', data: { role, text: 'two\nlines' } }))
  await deliverAll()
  stop.abort()
  expect(await response.text()).toBe('retry: 3000\n\nevent: hello\ndata: {"role":"editor","text":"two\\nlines"}\n\n')
  expect(endedCount).toBe(1)
  sends[0]?.(() => ({ event: 'late', data: {} }))
  await setImmediate()
})

it('opens no stream for a HEAD request', async () => {
  const response = await openStream('HEAD')
  expect([response.status, response.body, sends]).toEqual([200, null, []])
})

// With fake timers, the response of a remote database arrives after the check.
it.skipIf(isOnPostgres())(
  'sends heartbeats while nothing happens, and ends after a while so that the browser reopens it',
  async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
    const response = await openStream()
    await vi.advanceTimersByTimeAsync(25_000)
    await vi.advanceTimersByTimeAsync(15 * 60_000)
    const text = await response.text()
    expect(text.startsWith('retry: 3000\n\n: still here\n\n: still here\n\n')).toBe(true)
    expect(endedCount).toBe(1)
  },
)

it('ends when the server stops', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  const response = await openStream()
  stopping.abort()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await response.text()).toBe('retry: 3000\n\n')
})

it('disconnects a client that does not read', async () => {
  await openStream()
  for (let i = 0; i < 300; i += 1) {
    if (endedCount > 0) break
    const delivered = new Promise<void>((resolve) =>
      sends[0]?.(() => {
        resolve()
        return { event: 'more', data: i }
      }),
    )
    await Promise.race([delivered, setImmediate()])
  }
  await vi.waitFor(() => expect(endedCount).toBe(1), 50_000)
})

it('disconnects a client when too many events come at once', async () => {
  await openStream()
  for (let i = 0; i < 300; i += 1) sends[0]?.(() => ({ event: 'more', data: i }))
  expect(endedCount).toBe(1)
})

it('ends when the client has left, even before it began', async () => {
  const response = await openStream()
  await response.body?.cancel()
  expect(endedCount).toBe(1)
  await openStream('GET', AbortSignal.abort())
  await vi.waitFor(() => expect(endedCount).toBe(2), 50_000)
})

it('ends when an event cannot be built', async () => {
  const response = await openStream()
  sends[0]?.(() => {
    throw new Error('broken')
  })
  expect(await response.text()).toBe('retry: 3000\n\n')
  expect(endedCount).toBe(1)
})

it('releases the stream when the subscription fails', async () => {
  const failing = serveEvents(home.services, watch, async () => {
    throw new Error('broken')
  })
  for (let i = 0; i < 5; i += 1) {
    const request = new Request('http://test/x', { headers: { cookie: person.cookie } })
    expect((await failing.handle(request, { params: Promise.resolve({}) })).status).toBe(500)
  }
  expect((await openStream()).status).toBe(200)
})
