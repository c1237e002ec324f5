import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { FirstView, pageAddress } from '@/app/first-view'
import { AuditPage } from '@/components/operate/audit/audit-page'
import { AUDIT_QUERY_NAMES, type AuditQuery, auditFilterFromQuery } from '@/components/operate/audit/audit-filter'
import { auditCountsQuery, auditQuery } from '@/lib/client/audit'

export const metadata: Metadata = { title: 'Audit' }

/** The list stays in place when an entry is opened next to it. */
export default async function AuditLayout({ children }: { children: ReactNode }) {
  const { searchParams } = await pageAddress()
  const query = Object.fromEntries(AUDIT_QUERY_NAMES.map((name) => [name, searchParams.get(name)])) as AuditQuery
  const filter = auditFilterFromQuery(query)
  return (
    <FirstView queries={[auditQuery(filter), auditCountsQuery(filter)]}>
      <AuditPage>{children}</AuditPage>
    </FirstView>
  )
}
