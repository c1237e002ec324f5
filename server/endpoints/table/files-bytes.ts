import 'server-only'
import { readDeleteFileBytes, readFileBytes, readSnapshotFile } from '@/lib/contract/table/files-bytes'
import { serveBytes } from '@/server/http/serve-bytes'
import { openDeleteFile, openSnapshotFile, openTableFile } from '@/server/http/open-table-file'
import type { Services } from '@/server/services'

export function fileBytesEndpoints(services: Services) {
  return [
    serveBytes(services, readFileBytes, (input, context) => openTableFile(services, input, context)),
    serveBytes(services, readDeleteFileBytes, (input, context) => openDeleteFile(services, input, context)),
    serveBytes(services, readSnapshotFile, (input, context) => openSnapshotFile(services, input, context)),
  ]
}
