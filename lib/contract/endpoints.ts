import * as access from './access'
import * as addedFiles from './table/added-files'
import * as apiDescription from './description/api-description'
import * as audit from './audit'
import * as auditReceivers from './audit-receivers'
import * as bulkChanges from './bulk-changes'
import * as catalogs from './catalogs'
import * as changes from './table/changes'
import * as cherryPicks from './table/cherry-picks'
import * as comparison from './table/comparison'
import * as compression from './table/compression'
import * as connections from './connections'
import * as dashboards from './dashboards'
import type { Endpoint } from './endpoint'
import * as expiry from './table/expiry'
import * as facets from './facets'
import * as files from './table/files'
import * as fileBytes from './table/files-bytes'
import * as history from './table/history'
import * as home from './home'
import * as jobs from './jobs'
import * as layout from './table/layout'
import { getHistoryTable, readHistoryRows } from './facts/history-tables'
import { getMetadataTable, readMetadataRows } from './table/metadata-tables'
import * as namespaceLifecycle from './lifecycle/namespaces'
import * as namespaces from './namespaces'
import * as proposals from './proposals'
import * as publications from './table/publications'
import * as queries from './queries'
import { getQueryServer, runQueryOnServer } from './query-runs'
import * as clients from './table/clients'
import * as growth from './facts/growth'
import * as refs from './table/refs'
import * as clones from './table/clones'
import * as rewrites from './table/rewrites'
import * as rowDeletions from './table/row-deletions'
import * as rows from './table/rows'
import * as scan from './table/scan'
import * as search from './search'
import * as session from './session'
import * as shortcuts from './shortcuts'
import * as snapshots from './table/snapshots'
import * as loadLocations from './loads/load-locations'
import * as loads from './loads/loads'
import * as savedResults from './loads/saved-results'
import * as newTables from './table/new-tables'
import * as tableLifecycle from './lifecycle/tables'
import * as tables from './table/tables'
import * as uploads from './uploads'
import * as uses from './table/uses'
import * as tokens from './tokens'
import * as viewLifecycle from './lifecycle/views'
import * as views from './views'
import * as warehouse from './warehouse'

/** `name` is that of the export: it becomes the operation's id. `tag` groups the endpoints of one noun. */
export type NamedEndpoint = { name: string; tag: Tag; endpoint: Endpoint }

const MODULES = {
  catalogs: { ...catalogs, ...warehouse },
  namespaces: { ...namespaces, ...namespaceLifecycle },
  tables: {
    ...tables,
    ...tableLifecycle,
    ...newTables,
    ...loads,
    ...loadLocations,
    ...savedResults,
    ...compression,
    ...rewrites,
    ...rowDeletions,
    ...clones,
    ...layout,
  },
  views: { ...views, ...viewLifecycle },
  snapshots: {
    ...snapshots,
    ...addedFiles,
    ...refs,
    ...expiry,
    ...cherryPicks,
    ...publications,
    ...clients,
    ...uses,
    ...growth,
  },
  history,
  changes: { ...changes, ...bulkChanges },
  proposals,
  scan: { ...scan, ...comparison, ...rows },
  files: { ...files, ...fileBytes, getMetadataTable, readMetadataRows },
  queries: { ...queries, getQueryServer, runQueryOnServer, getHistoryTable, readHistoryRows },
  search: { ...search, ...facets, ...shortcuts },
  home,
  dashboards,
  jobs: { ...jobs, ...uploads },
  audit: { ...audit, ...auditReceivers },
  connections,
  access,
  tokens,
  session,
  api: apiDescription,
}

export type Tag = keyof typeof MODULES

/** Every endpoint of the contract, by noun. For the server and tests only: it imports every shape of the contract. */
export const ENDPOINTS: readonly NamedEndpoint[] = Object.entries(MODULES).flatMap(([tag, module]) =>
  Object.entries<unknown>(module).flatMap(([name, value]) =>
    isEndpoint(value) ? [{ name, tag: tag as Tag, endpoint: value }] : [],
  ),
)

function isEndpoint(value: unknown): value is Endpoint {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'permission' in value
}
