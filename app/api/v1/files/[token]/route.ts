import { readFileBytes } from '@/lib/contract/files-bytes'
import { serveBytes } from '@/server/http/serve-bytes'
import { tableFile } from '@/server/http/table-file'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serveBytes(readFileBytes, ({ token }, asked) => tableFile(token, asked))
export const HEAD = GET
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
