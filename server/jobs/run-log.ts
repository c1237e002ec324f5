import 'server-only'
import type { LogLevel } from '@/lib/contract/jobs'
import { type LogLine, logChanges } from '@/server/db/jobs/run-logs'
import type { Services } from '@/server/services'

/** Of one flush: work that says more than this in a second is cut short. */
const MAX_BUFFERED_LINES = 200

/** What a run says, held for a moment so that a chatty one does not write for each line. */
export class RunLog {
  readonly #services: Pick<Services, 'database' | 'log'>
  readonly #runId: string
  #buffer: LogLine[] = []
  #droppedCount = 0

  constructor(services: Pick<Services, 'database' | 'log'>, runId: string) {
    this.#services = services

    this.#runId = runId
  }

  add(text: string, level: LogLevel): void {
    if (this.#buffer.length < MAX_BUFFERED_LINES)
      this.#buffer.push({ atMs: this.#services.database.nowMs(), level, text })
    else this.#droppedCount += 1
  }

  /** Writes what is held. A log that cannot be written is logged, and does not fail the run. */
  async flush(): Promise<void> {
    const lines = this.#buffer
    if (lines.length === 0) return
    if (this.#droppedCount > 0) {
      const text = `${this.#droppedCount} lines came too fast and are left out.`
      lines.push({ atMs: this.#services.database.nowMs(), level: 'warning', text })
    }
    this.#buffer = []
    this.#droppedCount = 0
    await this.#write(lines, false)
  }

  /** A line of the worker, after everything the work has said. */
  async say(text: string, level: LogLevel = 'info'): Promise<void> {
    await this.flush()
    await this.#write([{ atMs: this.#services.database.nowMs(), level, text }], true)
  }

  async #write(lines: readonly LogLine[], isFromWorker: boolean): Promise<void> {
    try {
      await this.#services.database.commit(logChanges(this.#runId, lines, { isFromWorker }))
    } catch (error) {
      this.#services.log.error(error, { doing: 'writing the log of a run', runId: this.#runId })
    }
  }
}
