import { listOwnCredentials } from '@/lib/contract/connections'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(listOwnCredentials)
