import { getQueryServer, runQueryOnServer } from '@/lib/contract/query-runs'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(getQueryServer, runQueryOnServer)
