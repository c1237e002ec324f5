import { getRewritePreview } from '@/lib/contract/rewrites'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(getRewritePreview)
