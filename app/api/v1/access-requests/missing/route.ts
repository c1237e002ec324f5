import { findMissingRequested } from '@/lib/contract/access'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(findMissingRequested)
