import type { QueryEngine } from '@/lib/query/engine'
import { createQuerySession } from '@/lib/query/session/query-session'

type SessionDeps = Parameters<typeof createQuerySession>[0]
type Unused = 'planMetadataTable' | 'planHistoryTable' | 'findFile' | 'lakeNames'

const NO_NAMES: SessionDeps['lakeNames'] = {
  listNamespaces: async () => ({ namespaces: [], isTruncated: true }),
  listTables: async () => [],
  listViews: async () => [],
}

/** A query session of a test, without metadata tables, files and lists of names unless they are given. */
export function createTestSession(deps: Omit<SessionDeps, Unused> & Partial<Pick<SessionDeps, Unused>>): QueryEngine {
  return createQuerySession({
    planMetadataTable: () => Promise.reject(new Error('the session of this test has no metadata tables')),
    planHistoryTable: () => Promise.reject(new Error('the session of this test has no history tables')),
    findFile: () => Promise.reject(new Error('the session of this test has no files')),
    lakeNames: NO_NAMES,
    ...deps,
  })
}
