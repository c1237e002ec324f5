import 'server-only'
import { readFileBytes, readSnapshotFile } from '@/lib/contract/files-bytes'
import { serveBytes } from '@/server/http/serve-bytes'
import { openSnapshotFile, openTableFile } from '@/server/http/open-table-file'
import type { Services } from '@/server/services'

export function fileBytesEndpoints(services: Services) {
  return [
    serveBytes(services, readFileBytes, (input, context) => openTableFile(services, input, context)),
    serveBytes(services, readSnapshotFile, (input, context) => openSnapshotFile(services, input, context)),
  ]
}
