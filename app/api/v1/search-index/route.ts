import { listSearchIndexes } from '@/lib/contract/search'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(listSearchIndexes)
