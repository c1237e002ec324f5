import type { Config } from '@/server/config/config'
import { createDuckdbEngine } from '@/server/engines/duckdb/duckdb-engine'
import { createQueryProcess } from '@/server/engines/duckdb/process/run-in-process'
import type { StartQueryProcess } from '@/server/engines/duckdb/start-query-process'
import type { SqlEngine } from '@/server/engines/sql-engine'

/** The process's side of a query runs in this process, and replaces its `fetch`. It requests everything as its own process does. */
const startProcess: StartQueryProcess = (_tempDir, { onMessage, onEnd }) => ({
  pid: null,
  post: createQueryProcess(onMessage),
  kill: () => onEnd({ code: null, killedBy: 'SIGKILL', stderr: '' }),
})

/** The engine of the server without its processes. */
export function createEngineHere({ queries }: Pick<Config, 'queries'>): SqlEngine {
  return createDuckdbEngine(queries, startProcess)
}
