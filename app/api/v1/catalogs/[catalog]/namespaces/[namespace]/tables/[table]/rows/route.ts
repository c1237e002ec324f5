import { readTableRows } from '@/lib/contract/table/rows'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(readTableRows)
