import 'server-only'
import { readFileBytes } from '@/lib/contract/files-bytes'
import { serveBytes } from '@/server/http/serve-bytes'
import { tableFile } from '@/server/http/table-file'
import type { Services } from '@/server/services'

export function fileBytesEndpoints(services: Services) {
  return [serveBytes(services, readFileBytes, ({ token }, asked) => tableFile(services, token, asked))]
}
