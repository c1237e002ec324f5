'use client'
import Link from 'next/link'
import { useSearchParams } from 'next/navigation'
import type { ReactNode } from 'react'
import { paths } from '@/lib/paths'
import classes from './audit.module.css'

/** A link that opens an entry in the side panel and keeps the filters of the list. */
export function AuditEntryLink({ auditId, children }: { auditId: string; children: ReactNode }) {
  const entryHref = useEntryHref()
  return (
    <Link href={entryHref(auditId)} className={classes.link} prefetch={false} scroll={false}>
      {children}
    </Link>
  )
}

/** Returns the href of an entry, or of the list alone for null, with the current filters. */
export function useEntryHref(): (auditId: string | null) => string {
  const filters = useSearchParams().toString()
  return (auditId) =>
    `${auditId === null ? paths.audit() : paths.auditEntry(auditId)}${filters === '' ? '' : `?${filters}`}`
}
