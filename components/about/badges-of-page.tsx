'use client'
import { createContext, type ReactNode, use, useMemo } from 'react'
import type { TableBadge } from '@/lib/contract/shapes/lake'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { LazyBadgeIcon } from './lazy-badge-icon'

const Badges = createContext<ReadonlyMap<string, TableBadge>>(new Map())

/** The badges of the tables that a part of a page names: `TableBadgeIcon` shows them next to their names. */
export function BadgedTables({ badges, children }: { badges: readonly TableBadge[] | undefined; children: ReactNode }) {
  const byTable = useMemo(() => new Map(badges?.map((badge) => [keyOf(badge.table), badge])), [badges])
  return <Badges value={byTable}>{children}</Badges>
}

/**
 * The badge after the name, separated by a space. Renders nothing for a table without a badge, and outside of
 * `BadgedTables`.
 */
export function TableBadgeIcon({ table }: { table: TableIdentifier }) {
  const badge = use(Badges).get(keyOf(table))
  return (
    badge && (
      <>
        {' '}
        <LazyBadgeIcon badge={badge.badge} badgeReason={badge.badgeReason} />
      </>
    )
  )
}

function keyOf({ catalog, namespace, table }: TableIdentifier): string {
  return JSON.stringify([catalog, joinNamespace(namespace), table])
}
