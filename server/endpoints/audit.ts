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
import { readMarksOf } from '@/server/search/list-marks'
import type { Services } from '@/server/services'

export function auditEndpoints(services: Services) {
  return [
    serve(services, listAuditEntries, async (input, { actor }) => {
      const page = await readAuditPage(services, input)
      return { ...page, marks: await readMarksOf(services, actor, tablesOf(page.entries)) }
    }),
    serve(services, countAuditEntries, (input) => readAuditCounts(services, input)),
    serve(services, getAuditEntry, async ({ auditId }, { actor }) => {
      const detail = await readAuditDetail(services, auditId)
      return { ...detail, marks: await readMarksOf(services, actor, tablesOf([detail.entry])) }
    }),
    serve(services, listAuditReceivers, async () => ({ receivers: await readAuditReceivers(services) })),
    serveAuditExport(services, exportAudit),
  ]
}

function tablesOf(entries: readonly Pick<AuditEntryView, 'table'>[]) {
  return entries.map(({ table }) => table)
}
