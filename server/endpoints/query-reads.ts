import 'server-only'
import { getHistoryTable, readHistoryRows } from '@/lib/contract/facts/history-tables'
import { listNamespaces, listTables } from '@/lib/contract/namespaces'
import { getFile } from '@/lib/contract/table/files'
import { readDeleteFileBytes, readFileBytes, readSnapshotFile } from '@/lib/contract/table/files-bytes'
import { getMetadataTable, readMetadataRows } from '@/lib/contract/table/metadata-tables'
import { listPlannedFiles, scanTable } from '@/lib/contract/table/scan'
import { getView, listViews } from '@/lib/contract/views'
import { type ActorFetch, createActorFetch } from '@/server/http/api-fetch'
import type { ServedEndpoint } from '@/server/http/handle-request'
import type { Services } from '@/server/services'
import { historyTableEndpoints } from './history-tables'
import { namespaceEndpoints } from './namespaces'
import { fileEndpoints } from './table/files'
import { fileBytesEndpoints } from './table/files-bytes'
import { metadataTableEndpoints } from './table/metadata-tables'
import { scanEndpoints } from './table/scan'
import { viewEndpoints } from './views'

const READS: ReadonlySet<unknown> = new Set([
  scanTable,
  listPlannedFiles,
  readFileBytes,
  readDeleteFileBytes,
  getView,
  listNamespaces,
  listTables,
  listViews,
  getMetadataTable,
  readMetadataRows,
  getHistoryTable,
  readHistoryRows,
  getFile,
  readSnapshotFile,
])

/** Requests that the process of a query may send: only the reads that a browser needs for one. */
export function queryReads(services: Services): ServedEndpoint[] {
  return [
    ...scanEndpoints(services),
    ...fileBytesEndpoints(services),
    ...viewEndpoints(services),
    ...namespaceEndpoints(services),
    ...metadataTableEndpoints(services),
    ...historyTableEndpoints(services),
    ...fileEndpoints(services),
  ].filter(({ endpoint }) => READS.has(endpoint))
}

/** The same reads for queries of runs. */
export function createReadFetch(services: Services): ActorFetch {
  return createActorFetch(queryReads(services))
}
