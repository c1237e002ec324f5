import { readlinkSync } from 'node:fs'
import type { Config } from '@/server/config/config'
import { createDuckdbEngine } from '@/server/engines/duckdb/duckdb-engine'
import { startQueryProcess, type StartQueryProcess } from '@/server/engines/duckdb/start-query-process'
import type { SqlEngine } from '@/server/engines/sql-engine'
import { SharedQueryProcess } from './shared-query-process'

/** The engine of the server, with access to its processes. */
export class EngineProcesses {
  /** The processes that were started, by their ids. */
  readonly pids: number[] = []
  /** The folders that they started in, if the system reports them. */
  readonly folders: string[] = []

  readonly #shared = new SharedQueryProcess()
  #isShared = false

  /** From here on, queries share one process, which is not in the lists, or have one each again. */
  share(isShared: boolean): void {
    this.#isShared = isShared
  }

  end(): void {
    this.#shared.end()
  }

  readonly createEngine = ({ queries }: Pick<Config, 'queries'>): SqlEngine =>
    createDuckdbEngine(queries, this.#startProcess)

  readonly #startProcess: StartQueryProcess = (folder, events) => {
    if (this.#isShared) return this.#shared.start(folder, events)
    const started = startQueryProcess(folder, events)
    if (started.pid === null) return started
    this.pids.push(started.pid)
    if (process.platform === 'linux') this.folders.push(readlinkSync(`/proc/${started.pid}/cwd`))
    return started
  }
}
