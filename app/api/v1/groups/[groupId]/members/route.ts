import { listGroupMembers } from '@/lib/contract/access'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(listGroupMembers)
