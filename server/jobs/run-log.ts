import 'server-only'
import type { LogLevel } from '@/lib/contract/jobs'
import { formatQuantity } from '@/lib/format/count'
import { type LogLine, logChanges } from '@/server/db/jobs/run-logs'
import type { LakeServices } from '@/server/catalog/lake-services'

/** Per flush: lines beyond this number are dropped. */
const MAX_BUFFERED_LINES = 200

/** The log lines of a run, buffered for a moment so that a chatty run does not write for each line. */
export class RunLog {
  readonly #services: Pick<LakeServices, 'database' | 'log'>
  readonly #runId: string
  #buffer: LogLine[] = []
  #droppedCount = 0

  constructor(services: Pick<LakeServices, 'database' | 'log'>, runId: string) {
    this.#services = services

    this.#runId = runId
  }

  add(text: string, level: LogLevel): void {
    if (this.#buffer.length < MAX_BUFFERED_LINES)
      this.#buffer.push({ atMs: this.#services.database.nowMs(), level, text })
    else this.#droppedCount += 1
  }

  /** Writes the buffered lines. If they cannot be written, the error is logged and the run does not fail. */
  async flush(): Promise<void> {
    const lines = this.#buffer
    if (lines.length === 0) return
    if (this.#droppedCount > 0) {
      const text = `${formatQuantity(this.#droppedCount, 'line')} dropped because the run logged too fast.`
      lines.push({ atMs: this.#services.database.nowMs(), level: 'warning', text })
    }
    this.#buffer = []
    this.#droppedCount = 0
    await this.#write(lines, false)
  }

  /** Adds a line of the worker after everything that the work has logged. */
  async appendWorkerLine(text: string, level: LogLevel = 'info'): Promise<void> {
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
