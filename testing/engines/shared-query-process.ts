import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Config } from '@/server/config/config'
import { createDuckdbEngine } from '@/server/engines/duckdb/duckdb-engine'
import {
  type QueryProcess,
  type QueryProcessEvents,
  startQueryProcess,
  type StartQueryProcess,
} from '@/server/engines/duckdb/start-query-process'
import type { SqlEngine } from '@/server/engines/sql-engine'

type Running = { process: QueryProcess; query: QueryProcessEvents | null }

/**
 * One process of the server that runs query after query, each with a separate DuckDB. Starting a process takes much
 * longer than a statement of a test. A query that has not ended when it is killed takes the process with it, and the
 * next query starts another one.
 */
export class SharedQueryProcess {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-shared-query-'))
  #running: Running | null = null

  readonly start: StartQueryProcess = (_tempDir, query) => {
    const running = this.#running ?? this.#startProcess()
    if (running.query !== null) throw new Error('The shared process runs one query at a time.')
    running.query = query
    this.#running = running
    return {
      pid: running.process.pid,
      post: (message) => running.process.post(message),
      kill: () => {
        if (running.query === query) return running.process.kill()
        queueMicrotask(() => query.onEnd({ code: null, killedBy: 'SIGKILL', stderr: '' }))
      },
    }
  }

  readonly createEngine = ({ queries }: Pick<Config, 'queries'>): SqlEngine => createDuckdbEngine(queries, this.start)

  end(): void {
    this.#running?.process.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #startProcess(): Running {
    const process = startQueryProcess(this.#folder, {
      onMessage: (message) => {
        const { query } = running
        if (message.kind === 'done' || message.kind === 'failed') running.query = null
        query?.onMessage(message)
      },
      onEnd: (ending) => {
        if (this.#running === running) this.#running = null
        running.query?.onEnd(ending)
      },
    })
    const running: Running = { process, query: null }
    return running
  }
}
