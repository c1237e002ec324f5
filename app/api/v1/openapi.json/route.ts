import { getApiDescription } from '@/lib/contract/description/api-description'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(getApiDescription)
