import { listQueries, saveQuery } from '@/lib/contract/queries'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(listQueries, saveQuery)
