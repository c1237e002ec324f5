import type { Metadata } from 'next'
import { FirstView } from '@/app/first-view'
import { AuditEntryPanel } from '@/components/operate/audit/audit-entry-panel'
import { auditEntryQuery } from '@/lib/client/audit'

/** Until the entry is known; then the panel names it. */
export const metadata: Metadata = { title: 'Entry · Audit' }

export default async function AuditEntryPage({ params }: { params: Promise<{ entry: string }> }) {
  const auditId = decodeURIComponent((await params).entry)
  return (
    <FirstView queries={[auditEntryQuery(auditId)]}>
      <AuditEntryPanel key={auditId} auditId={auditId} />
    </FirstView>
  )
}
