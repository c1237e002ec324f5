// @vitest-environment happy-dom
import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { watchOutages } from './watch-outages'

let isUp: boolean
let client: QueryClient
let stop: () => void
const probe = vi.fn()
beforeEach(() => {
  isUp = true
  vi.useFakeTimers()
  vi.stubGlobal('fetch', async (...request: unknown[]) => {
    probe(...request)
    if (!isUp) throw new TypeError('refused')
    return new Response()
  })
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  stop = watchOutages(client)
})
afterEach(() => {
  stop()
  client.clear()
  probe.mockReset()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A list on the page, which does not poll. */
function observe(name: string, error = new AppError('server-unreachable', 'The server did not respond.')) {
  const observer = new QueryObserver(client, {
    queryKey: [name],
    queryFn: async () => {
      if (!isUp) throw error
      return name
    },
  })
  observer.subscribe(() => {})
  return observer
}

describe('Lists that failed while the server restarted', () => {
  it('are read again when a probe succeeds, and show their problem until then', async () => {
    isUp = false
    const [tree, panel] = [observe('tree'), observe('panel')]
    await vi.advanceTimersByTimeAsync(60_000)
    expect(tree.getCurrentResult()).toMatchObject({ status: 'error', isFetching: false })
    // Rarely, once the outage lasts.
    expect(probe.mock.calls.length).toBeGreaterThan(4)
    expect(probe.mock.calls.length).toBeLessThan(20)
    expect(probe).toHaveBeenLastCalledWith('/healthz', expect.objectContaining({ method: 'HEAD' }))
    isUp = true
    await vi.advanceTimersByTimeAsync(10_000)
    expect([tree, panel].map((list) => list.getCurrentResult().data)).toEqual(['tree', 'panel'])
    probe.mockReset()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(probe).not.toHaveBeenCalled()
  })

  it('are read again at once when another request succeeds', async () => {
    isUp = false
    const tree = observe('tree')
    await vi.advanceTimersByTimeAsync(0)
    isUp = true
    observe('count')
    await vi.advanceTimersByTimeAsync(0)
    expect(tree.getCurrentResult().data).toBe('tree')
    expect(probe).not.toHaveBeenCalled()
  })

  it('are not those that the server refused', async () => {
    isUp = false
    const refused = observe('refused', new AppError('forbidden', 'No.'))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(refused.getCurrentResult().status).toBe('error')
    expect(probe).not.toHaveBeenCalled()
  })
})
