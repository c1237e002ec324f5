import { listExpiryFiles } from '@/lib/contract/table/expiry'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(listExpiryFiles)
