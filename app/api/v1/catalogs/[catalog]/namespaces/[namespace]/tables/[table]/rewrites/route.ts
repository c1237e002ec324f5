import { getRewrite, startRewrite } from '@/lib/contract/table/rewrites'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(getRewrite, startRewrite)
