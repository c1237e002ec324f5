import { getTableLayouts } from '@/lib/contract/tables'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(getTableLayouts)
