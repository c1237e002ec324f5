import { compareSnapshots } from '@/lib/contract/table/comparison'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(compareSnapshots)
