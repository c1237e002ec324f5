import 'server-only'
import type { Database } from '@/server/db/database'
import { listEndedRuns, listRuns, type Run } from '@/server/db/jobs/runs'
import { readLastLines } from '@/server/db/jobs/run-logs'
import { listSchedules } from '@/server/db/jobs/schedules'
import type { Services } from '@/server/services'
import { pause } from './pause'

/**
 * What changes of runs and schedules, for every page that shows them: one watch per process looks at the database twice
 * a second, for as long as anybody listens.
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
  readonly #services: Pick<Services, 'database' | 'log'>
  readonly #listeners = new Set<Listener>()
  /** What is being watched; null while nobody listens. */
  #watch: { firstPoll: Promise<RunChanges>; stop: AbortController } | null = null

  constructor(services: Pick<Services, 'database' | 'log'>) {
    this.#services = services
  }

  /**
   * Resolves when the first look is over: from then on no change is missed.
   *
   * @returns what ends it
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
      () => {}, // Every listener that waits for it throws it.
    )
    return { firstPoll, stop }
  }

  /** A look begins when the one before is over, so that looks do not pile up where the database is slow. */
  async #reportChanges(detector: ChangeDetector, signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(POLL_INTERVAL_MS, signal)
      if (signal.aborted) return
      try {
        const changes = await detector.detect()
        if (signal.aborted) return
        if (changes.runs.length === 0 && !changes.haveSchedulesChanged) continue
        for (const listener of this.#listeners) listener(changes)
      } catch (error) {
        // The database is out of reach for a moment, or there is a bug; the next look may do better.
        this.#services.log.error(error, { doing: 'reporting what has changed of runs' })
      }
    }
  }
}

/** What was seen last: a look finds what has changed since. A look that fails changes nothing of it. */
class ChangeDetector {
  readonly #database: Database
  /** Fingerprints of runs that had not ended. */
  #open: ReadonlyMap<string, string> = new Map()
  /** Runs that were seen to have ended: the next look finds those above `#newestId` again. */
  #ended: ReadonlySet<string> = new Set()
  #newestId: string | null = null
  #schedules = ''

  constructor(database: Database) {
    this.#database = database
  }

  async detect(): Promise<RunChanges> {
    const database = this.#database
    // First of all: a run that comes and goes while this look is under way is newer, so that the next one finds it.
    const [newest] = await listRuns(database, { limit: 1 })
    const listed = await listRuns(database, { states: ['queued', 'running'], limit: MAX_OPEN_RUNS })
    const listedIds = new Set(listed.map(({ id }) => id))
    // Runs that have ended since the last look, and runs that came and went between the two.
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

/** A renewed lease alone is no news. */
function fingerprint({ run, lastLine }: RunWithLastLine): string {
  return JSON.stringify([{ ...run, leaseUntilMs: null }, lastLine])
}
