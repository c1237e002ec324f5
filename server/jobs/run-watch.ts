import 'server-only'
import { listRuns, type Run, selectRuns } from '@/server/db/jobs'
import { lastLines } from '@/server/db/run-logs'
import { listSchedules } from '@/server/db/schedules'
import { logError } from '@/server/log'

/**
 * What changes of runs and schedules, for everybody who looks: the database is asked twice a second by one watch per
 * process, for as long as somebody does.
 */

export type Change = { runs: readonly Run[]; haveSchedulesChanged: boolean }
type Listener = (change: Change) => void

const LOOK_EVERY_MS = 500
const MOST_OPEN = 500
const MOST_NEW = 100

class RunWatch {
  readonly #listeners = new Set<Listener>()
  #timer: NodeJS.Timeout | null = null
  /** What was told last, of runs that have not ended. */
  #open = new Map<string, string>()
  #newestId = ''
  #schedules = ''

  /** @returns what ends it */
  listen(listener: Listener): () => void {
    if (this.#timer === null) {
      // The first look is what has changed since; nobody was there to tell.
      this.#look()
      this.#timer = setInterval(() => this.#tell(), LOOK_EVERY_MS)
    }
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0 || this.#timer === null) return
      clearInterval(this.#timer)
      this.#timer = null
    }
  }

  #tell(): void {
    try {
      const change = this.#look()
      if (change.runs.length === 0 && !change.haveSchedulesChanged) return
      for (const listener of this.#listeners) listener(change)
    } catch (error) {
      // The database is locked for a moment, or there is a bug; the next look may do better.
      logError(error, { doing: 'telling what has changed of runs' })
    }
  }

  #look(): Change {
    return { runs: this.#changedRuns(), haveSchedulesChanged: this.#haveSchedulesChanged() }
  }

  #changedRuns(): Run[] {
    const open = listRuns({ states: ['queued', 'running'], limit: MOST_OPEN })
    const isOpen = new Set(open.map(({ id }) => id))
    // Those that have ended since, and those that came and went between two looks.
    const ended = JSON.stringify([...this.#open.keys()].filter((id) => !isOpen.has(id)))
    const gone = selectRuns(
      `WHERE state NOT IN ('queued', 'running') AND (id IN (SELECT value FROM json_each(?)) OR id > ?)
        ORDER BY id DESC LIMIT ?`,
      [ended, this.#newestId, MOST_OPEN + MOST_NEW],
    )
    const [newest] = listRuns({ limit: 1 })
    this.#newestId = newest?.id ?? ''
    const lines = lastLines([...isOpen])
    const told = this.#open
    this.#open = new Map(open.map((run) => [run.id, fingerprint(run, lines.get(run.id) ?? 0)]))
    return [...open.filter(({ id }) => told.get(id) !== this.#open.get(id)), ...gone]
  }

  #haveSchedulesChanged(): boolean {
    const schedules = JSON.stringify(listSchedules())
    const haveChanged = schedules !== this.#schedules
    this.#schedules = schedules
    return haveChanged
  }
}

/** A renewed lease alone is no news. */
function fingerprint(run: Run, lastLine: number): string {
  return JSON.stringify([{ ...run, leaseUntilMs: null }, lastLine])
}

/** Bundlers load a module more than once; the process has one watch. */
const processWide = globalThis as typeof globalThis & { lakeshoreRunWatch?: RunWatch }

/** Tells what changes from now on, until what it returns is called. */
export function watchRuns(listener: Listener): () => void {
  return (processWide.lakeshoreRunWatch ??= new RunWatch()).listen(listener)
}
