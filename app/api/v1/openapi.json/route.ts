import { getApiDescription } from '@/lib/contract/api-description'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(getApiDescription)
