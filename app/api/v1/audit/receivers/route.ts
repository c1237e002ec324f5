import { listAuditReceivers } from '@/lib/contract/audit-receivers'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(listAuditReceivers)
