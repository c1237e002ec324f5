import { retryCatalog } from '@/lib/contract/catalogs'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(retryCatalog)
