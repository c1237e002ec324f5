import 'server-only'
import { readFileBytes } from '@/lib/contract/files-bytes'
import { serveBytes } from '@/server/http/serve-bytes'
import { tableFile } from '@/server/http/table-file'

export const fileBytesEndpoints = [serveBytes(readFileBytes, ({ token }, asked) => tableFile(token, asked))]
