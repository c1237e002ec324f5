'use client'
import Link from 'next/link'
import { useSearchParams } from 'next/navigation'
import type { ReactNode } from 'react'
import { paths } from '@/lib/paths/paths'
import classes from './audit.module.css'

type AuditEntryLinkProps = {
  auditId: string
  /** Whether it is in a row of the list, which Enter opens: then Tab passes it by. */
  isInRow?: boolean
  children: ReactNode
}

/** A link that opens an entry in the side panel and keeps the filters of the list. */
export function AuditEntryLink({ auditId, isInRow = false, children }: AuditEntryLinkProps) {
  const entryHref = useEntryHref()
  return (
    <Link
      href={entryHref(auditId)}
      {...(isInRow && { tabIndex: -1 })}
      className={classes.link}
      prefetch={false}
      scroll={false}
    >
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
