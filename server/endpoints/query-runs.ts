import 'server-only'
import { getFile } from '@/lib/contract/files'
import { readDeleteFileBytes, readFileBytes, readSnapshotFile } from '@/lib/contract/files-bytes'
import { getMetadataTable, readMetadataRows } from '@/lib/contract/metadata-tables'
import { getQueryServer, runQueryOnServer } from '@/lib/contract/query-runs'
import { listPlannedFiles, scanTable } from '@/lib/contract/scan'
import { getView } from '@/lib/contract/views'
import { createApiFetch } from '@/server/http/api-fetch'
import { serve } from '@/server/http/serve'
import { serveQuery } from '@/server/http/serve-query'
import { maxLoadBytes } from '@/server/query/run-query'
import type { Services } from '@/server/services'
import { fileEndpoints } from './files'
import { fileBytesEndpoints } from './files-bytes'
import { metadataTableEndpoints } from './metadata-tables'
import { scanEndpoints } from './scan'
import { viewEndpoints } from './views'

/** What the process of a query may request: the reads that a browser needs for one, and nothing else. */
const READS: ReadonlySet<unknown> = new Set([
  scanTable,
  listPlannedFiles,
  readFileBytes,
  readDeleteFileBytes,
  getView,
  getMetadataTable,
  readMetadataRows,
  getFile,
  readSnapshotFile,
])

export function queryRunEndpoints(services: Services) {
  const { queries } = services.config
  const reads = [
    ...scanEndpoints(services),
    ...fileBytesEndpoints(services),
    ...viewEndpoints(services),
    ...metadataTableEndpoints(services),
    ...fileEndpoints(services),
  ].filter(({ endpoint }) => READS.has(endpoint))
  return [
    serve(services, getQueryServer, async () => ({
      isEnabled: queries.processes > 0,
      maxLoadBytes: maxLoadBytes(queries),
      maxSeconds: queries.seconds,
    })),
    serveQuery(services, runQueryOnServer, createApiFetch(reads)),
  ]
}
