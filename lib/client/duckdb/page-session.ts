import type { QueryEngine } from '@/lib/query/engine'
import { runBeforeSignOut } from '../session/sign-out-tasks'
import { createDecoder } from './decoder'
import { startEngine } from './engine'
import { findFile } from './find-file'
import { planTable } from './plan-table'
import { createQuerySession } from './query-session'
import { readView } from './read-view'
import { createResultCache } from './result-cache'

/** The session of a page, with the browser's DuckDB and the server's plans. */
export function createPageSession(): QueryEngine {
  const results = createResultCache()
  runBeforeSignOut(results.close)
  return createQuerySession({ startEngine, decoder: createDecoder(), planTable, readView, findFile, results })
}
