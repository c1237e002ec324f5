import { listSnapshots } from '@/lib/contract/table/snapshots'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(listSnapshots)
