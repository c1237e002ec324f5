import { countAuditEntries } from '@/lib/contract/audit'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(countAuditEntries)
