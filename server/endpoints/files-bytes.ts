import 'server-only'
import type { Services } from '@/server/services'
import { readFileBytes } from '@/lib/contract/files-bytes'
import { serveBytes } from '@/server/http/serve-bytes'
import { tableFile } from '@/server/http/table-file'

export function fileBytesEndpoints(services: Services) {
  return [serveBytes(services, readFileBytes, ({ token }, asked) => tableFile(services, token, asked))]
}
