import 'server-only'
import type { Log } from '@/server/log'
import { clock, type Timer } from '@/server/timing/clock'
import type { Connections } from './connections'

const MEASURE_EVERY_MS = 30_000
/** A measurement with a longer round trip is not precise enough. */
const MAX_ROUND_TRIP_MS = 1_000

/**
 * The server's clock as this process knows it. It is measured when the database is opened and regularly after that, and
 * extrapolated with a monotonic clock in between. The time of day of this machine is never used.
 */
export class ServerClock {
  readonly #connections: Connections
  readonly #log: Log
  #measured = { serverMs: 0, atMs: 0 }
  #timer: Timer | null = null

  constructor(connections: Connections, log: Log) {
    this.#connections = connections
    this.#log = log
  }

  /** @throws when the server cannot be reached */
  async start(): Promise<void> {
    await this.#measure({ isFirst: true })
    this.#timer = clock
      .every(MEASURE_EVERY_MS, () => {
        this.#measure({ isFirst: false }).catch((error: unknown) =>
          this.#log.error(error, { doing: 'reading the database’s clock' }),
        )
      })
      .unref()
  }

  stop(): void {
    this.#timer?.cancel()
  }

  nowMs(): number {
    return Math.round(this.#measured.serverMs + clock.elapsedMs() - this.#measured.atMs)
  }

  async #measure({ isFirst }: { isFirst: boolean }): Promise<void> {
    const { row, before, after } = await this.#connections.use(async (client) => {
      const before = clock.elapsedMs()
      const { rows } = await client.query<{ now_ms: number }>(
        'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms',
      )
      return { row: rows[0], before, after: clock.elapsedMs() }
    })
    if (!row) throw new Error('the database did not return its time')
    if (isFirst || after - before <= MAX_ROUND_TRIP_MS) {
      // A test that moved our clock did not move the server's.
      this.#measured = { serverMs: row.now_ms + clock.aheadMs(), atMs: (before + after) / 2 }
    }
  }
}
