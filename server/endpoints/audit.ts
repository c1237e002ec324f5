import 'server-only'
import { countAuditEntries, exportAudit, getAuditEntry, listAuditEntries } from '@/lib/contract/audit'
import { listAuditReceivers } from '@/lib/contract/audit-receivers'
import { readAuditReceivers } from '@/server/audit/forward/read-receivers'
import { readAuditCounts, readAuditDetail, readAuditPage } from '@/server/audit/read-audit'
import { serve } from '@/server/http/serve'
import { serveAuditExport } from '@/server/http/serve-audit-export'
import type { Services } from '@/server/services'

export function auditEndpoints(services: Services) {
  return [
    serve(services, listAuditEntries, (input) => readAuditPage(services, input)),
    serve(services, countAuditEntries, (input) => readAuditCounts(services, input)),
    serve(services, getAuditEntry, ({ auditId }) => readAuditDetail(services, auditId)),
    serve(services, listAuditReceivers, async () => ({ receivers: await readAuditReceivers(services) })),
    serveAuditExport(services, exportAudit),
  ]
}
