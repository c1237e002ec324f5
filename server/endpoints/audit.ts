import 'server-only'
import {
  type AuditEntryView,
  countAuditEntries,
  exportAudit,
  getAuditEntry,
  listAuditEntries,
} from '@/lib/contract/audit'
import { listAuditReceivers } from '@/lib/contract/audit-receivers'
import { readAuditReceivers } from '@/server/audit/forward/read-receivers'
import { readAuditCounts, readAuditDetail, readAuditPage } from '@/server/audit/read-audit'
import { serve } from '@/server/http/serve'
import { serveAuditExport } from '@/server/http/serve-audit-export'
import { readBadgesOf } from '@/server/search/list-badges'
import type { Services } from '@/server/services'

export function auditEndpoints(services: Services) {
  return [
    serve(services, listAuditEntries, async (input, { actor }) => {
      const page = await readAuditPage(services, input)
      return { ...page, badges: await readBadgesOf(services, actor, tablesOf(page.entries)) }
    }),
    serve(services, countAuditEntries, (input) => readAuditCounts(services, input)),
    serve(services, getAuditEntry, async ({ auditId }, { actor }) => {
      const detail = await readAuditDetail(services, auditId)
      return { ...detail, badges: await readBadgesOf(services, actor, tablesOf([detail.entry])) }
    }),
    serve(services, listAuditReceivers, async () => ({ receivers: await readAuditReceivers(services) })),
    serveAuditExport(services, exportAudit),
  ]
}

function tablesOf(entries: readonly Pick<AuditEntryView, 'table'>[]) {
  return entries.map(({ table }) => table)
}
