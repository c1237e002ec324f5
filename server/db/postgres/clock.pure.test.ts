import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ServerClock } from './clock'
import type { Connections } from './connections'

const MINUTE_MS = 60_000
const MEASURE_EVERY_MS = 30_000

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** A server whose clock is `aheadMs` ahead of this machine's, behind a connection that takes `roundTripMs`. */
function createServer() {
  const server = { aheadMs: 0, roundTripMs: 0, isAway: false, measurements: 0 }
  const travel = async () => {
    if (server.roundTripMs > 0) await new Promise((resolve) => setTimeout(resolve, server.roundTripMs / 2))
  }
  const query = async () => {
    await travel()
    const now = Date.now() + server.aheadMs
    await travel()
    server.measurements += 1
    return { rows: [{ now_ms: now }] }
  }
  const use = async (work: (client: { query: typeof query }) => Promise<unknown>) => {
    if (server.isAway) throw new Error('away')
    return work({ query })
  }
  return { server, connections: { use } as unknown as Connections }
}

async function startClock(aheadMs: number, roundTripMs: number) {
  const { server, connections } = createServer()
  Object.assign(server, { aheadMs, roundTripMs })
  const errors: unknown[] = []
  const clock = new ServerClock(connections, { error: (error: unknown) => errors.push(error) } as never)
  const started = clock.start()
  await vi.advanceTimersByTimeAsync(roundTripMs)
  await started
  return { server, clock, errors }
}

describe('The clock of the server', () => {
  it.each([0, 90 * MINUTE_MS, -90 * MINUTE_MS])(
    'is known although this machine’s differs by %i ms',
    async (aheadMs) => {
      const { clock } = await startClock(aheadMs, 40)
      expect(clock.nowMs()).toBe(Date.now() + aheadMs)
      await vi.advanceTimersByTimeAsync(10_000)
      expect(clock.nowMs()).toBe(Date.now() + aheadMs)
      clock.stop()
    },
  )

  it('does not follow this machine’s clock when that is set', async () => {
    const { clock } = await startClock(0, 0)
    const before = clock.nowMs()
    vi.setSystemTime(Date.now() + 3 * MINUTE_MS)
    expect(clock.nowMs()).toBe(before)
    clock.stop()
  })

  it('is measured again, so that it follows the server', async () => {
    const { server, clock } = await startClock(0, 0)
    server.aheadMs = 5_000
    expect(clock.nowMs()).toBe(Date.now())
    await vi.advanceTimersByTimeAsync(MEASURE_EVERY_MS)
    expect(clock.nowMs()).toBe(Date.now() + 5_000)
    clock.stop()
  })

  it('is not taken from a measurement that took long', async () => {
    const { server, clock } = await startClock(0, 0)
    Object.assign(server, { aheadMs: 5_000, roundTripMs: 1_002 })
    await vi.advanceTimersByTimeAsync(MEASURE_EVERY_MS + 1_002)
    expect(server.measurements).toBe(2)
    expect(clock.nowMs()).toBe(Date.now())
    clock.stop()
  })

  it('is extrapolated while the server is away, and the failure is logged', async () => {
    const { server, clock, errors } = await startClock(7_000, 0)
    server.isAway = true
    await vi.advanceTimersByTimeAsync(2 * MEASURE_EVERY_MS)
    expect(errors).toHaveLength(2)
    expect(clock.nowMs()).toBe(Date.now() + 7_000)
    clock.stop()
  })

  it('must be read once before a start', async () => {
    const { server, connections } = createServer()
    server.isAway = true
    await expect(new ServerClock(connections, {} as never).start()).rejects.toThrow('away')
  })

  it('is no longer measured once it is stopped', async () => {
    const { server, clock } = await startClock(0, 0)
    clock.stop()
    await vi.advanceTimersByTimeAsync(10 * MEASURE_EVERY_MS)
    expect(server.measurements).toBe(1)
  })
})
