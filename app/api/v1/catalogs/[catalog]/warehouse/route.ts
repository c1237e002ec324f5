import { listWarehouse } from '@/lib/contract/warehouse'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(listWarehouse)
