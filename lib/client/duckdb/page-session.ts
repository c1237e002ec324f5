import type { QueryEngine } from '@/lib/query/engine'
import { runBeforeSignOut } from '../session/sign-out-tasks'
import { createDecoder } from './decoder'
import { startEngine } from './engine'
import { findFile } from './find-file'
import { lakeNames } from '@/lib/api/lake-names'
import { planHistoryTable } from '@/lib/api/plan-history-table'
import { planMetadataTable } from '@/lib/api/plan-metadata-table'
import { planTable } from '@/lib/api/plan-table'
import { createQuerySession } from '@/lib/query/session/query-session'
import { readView } from '@/lib/api/read-view'
import { createResultCache } from '@/lib/query/session/result-cache'

/** The session of a page, with the browser's DuckDB and the server's plans. */
export function createPageSession(): QueryEngine {
  const results = createResultCache()
  runBeforeSignOut(results.close)
  return createQuerySession({
    startEngine,
    decoder: createDecoder(),
    planTable,
    planHistoryTable,
    planMetadataTable,
    readView,
    lakeNames,
    findFile,
    results,
  })
}
