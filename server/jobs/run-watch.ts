import 'server-only'
import type { Database } from '@/server/db/database'
import { listEndedRuns, listRuns, type Run } from '@/server/db/jobs/runs'
import { readLastLines } from '@/server/db/jobs/run-logs'
import { listSchedules } from '@/server/db/jobs/schedules'
import type { LakeServices } from '@/server/catalog/lake-services'
import { clock } from '@/server/timing/clock'

/**
 * Changes of runs and schedules, for every page that shows them: one watch per process polls the database twice a
 * second while at least one listener is connected.
 */

/** A run with the number of the last line of its log. */
type RunWithLastLine = { run: Run; lastLine: number }
type RunChanges = { runs: readonly RunWithLastLine[]; haveSchedulesChanged: boolean }
type Listener = (changes: RunChanges) => void

const POLL_INTERVAL_MS = 500
const MAX_OPEN_RUNS = 500
const MAX_NEW_RUNS = 100

/** Reports changes of runs and schedules to its listeners. */
export class RunWatch {
  readonly #services: Pick<LakeServices, 'database' | 'log'>
  readonly #listeners = new Set<Listener>()
  /** The running watch; null while there are no listeners. */
  #watch: { firstPoll: Promise<RunChanges>; stop: AbortController } | null = null

  constructor(services: Pick<LakeServices, 'database' | 'log'>) {
    this.#services = services
  }

  /**
   * Resolves after the first poll: from then on the listener misses no change.
   *
   * @returns a function that removes the listener
   * @throws {AppError} database-unavailable
   */
  async listen(listener: Listener): Promise<() => void> {
    this.#listeners.add(listener)
    const watch = (this.#watch ??= this.#start())
    try {
      await watch.firstPoll
    } catch (error) {
      this.#removeListener(listener)
      throw error
    }
    return () => this.#removeListener(listener)
  }

  #removeListener(listener: Listener): void {
    this.#listeners.delete(listener)
    if (this.#listeners.size > 0) return
    this.#watch?.stop.abort()
    this.#watch = null
  }

  #start() {
    const stop = new AbortController()
    const detector = new ChangeDetector(this.#services.database)
    const firstPoll = detector.detect()
    void firstPoll.then(
      () => this.#reportChanges(detector, stop.signal),
      () => {}, // Every listener that waits for the first poll throws it.
    )
    return { firstPoll, stop }
  }

  /** Starts a poll only when the previous one is over, so that polls do not pile up when the database is slow. */
  async #reportChanges(detector: ChangeDetector, signal: AbortSignal): Promise<void> {
    for (;;) {
      await clock.pause(POLL_INTERVAL_MS, signal)
      if (signal.aborted) return
      try {
        const changes = await detector.detect()
        if (signal.aborted) return
        if (changes.runs.length === 0 && !changes.haveSchedulesChanged) continue
        for (const listener of this.#listeners) listener(changes)
      } catch (error) {
        // The database is unavailable for a moment, or there is a bug; the next poll may succeed.
        this.#services.log.error(error, { doing: 'reporting changes of runs' })
      }
    }
  }
}

/** Finds what has changed since the last poll. A poll that fails does not change the state. */
class ChangeDetector {
  readonly #database: Database
  /** Fingerprints of runs that had not ended. */
  #open: ReadonlyMap<string, string> = new Map()
  /** Runs that are known to have ended: the next poll finds those above `#newestId` again. */
  #ended: ReadonlySet<string> = new Set()
  #newestId: string | null = null
  #schedules = ''

  constructor(database: Database) {
    this.#database = database
  }

  async detect(): Promise<RunChanges> {
    const database = this.#database
    // Read this first: a run that starts and ends during this poll is newer, so the next poll finds it.
    const [newest] = await listRuns(database, { limit: 1 })
    const listed = await listRuns(database, { states: ['queued', 'running'], limit: MAX_OPEN_RUNS })
    const listedIds = new Set(listed.map(({ id }) => id))
    // Runs that have ended since the last poll, and runs that started and ended between the two.
    const ended = await listEndedRuns(database, {
      ids: [...this.#open.keys()].filter((id) => !listedIds.has(id)),
      after: this.#newestId ?? newest?.id ?? '',
      limit: MAX_OPEN_RUNS + MAX_NEW_RUNS,
    })
    const endedIds = new Set(ended.map(({ id }) => id))
    const open = listed.filter(({ id }) => !endedIds.has(id))
    const lines = await readLastLines(
      database,
      [...open, ...ended].map(({ id }) => id),
    )
    const schedules = JSON.stringify(await listSchedules(database))

    const addLastLine = (run: Run): RunWithLastLine => ({ run, lastLine: lines.get(run.id) ?? 0 })
    const openRuns = open.map(addLastLine)
    const fingerprints = new Map(openRuns.map((seen) => [seen.run.id, fingerprint(seen)]))
    const changed = openRuns.filter(({ run: { id } }) => fingerprints.get(id) !== this.#open.get(id))
    const justEnded = ended.filter(({ id }) => !this.#ended.has(id)).map(addLastLine)
    const haveSchedulesChanged = schedules !== this.#schedules
    this.#open = fingerprints
    this.#ended = endedIds
    this.#newestId = newest?.id ?? ''
    this.#schedules = schedules
    return { runs: [...changed, ...justEnded], haveSchedulesChanged }
  }
}

/** A renewed lease alone does not count as a change. */
function fingerprint({ run, lastLine }: RunWithLastLine): string {
  return JSON.stringify([{ ...run, leaseUntilMs: null }, lastLine])
}
