'use client'
import Link from 'next/link'
import type { ReactNode } from 'react'
import classes from './audit.module.css'
import { useEntryHref } from './use-audit-filter'

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
