import type { QueryEngine } from '@/lib/query/engine'
import { createDecoder } from './decoder'
import { startEngine } from './engine'
import { findFile } from './find-file'
import { planTable } from './plan-table'
import { createQuerySession } from './query-session'
import { readView } from './read-view'

/** The session of a page, with the browser's DuckDB and the server's plans. */
export function createPageSession(): QueryEngine {
  return createQuerySession({ startEngine, decoder: createDecoder(), planTable, readView, findFile })
}
