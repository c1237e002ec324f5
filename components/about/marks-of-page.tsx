'use client'
import { createContext, type ReactNode, use, useMemo } from 'react'
import type { TableMark } from '@/lib/contract/shapes/lake'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { LazyMarkIcon } from './lazy-mark-icon'

const Marks = createContext<ReadonlyMap<string, TableMark>>(new Map())

/** The marks of the tables that a part of a page names: `TableMarkIcon` shows them next to their names. */
export function MarkedTables({ marks, children }: { marks: readonly TableMark[] | undefined; children: ReactNode }) {
  const byTable = useMemo(() => new Map(marks?.map((mark) => [keyOf(mark.table), mark])), [marks])
  return <Marks value={byTable}>{children}</Marks>
}

/** The mark after the name, which a space sets apart. Nothing for a table without a mark, and outside of `MarkedTables`. */
export function TableMarkIcon({ table }: { table: TableIdentifier }) {
  const marked = use(Marks).get(keyOf(table))
  return (
    marked && (
      <>
        {' '}
        <LazyMarkIcon mark={marked.mark} markReason={marked.markReason} />
      </>
    )
  )
}

function keyOf({ catalog, namespace, table }: TableIdentifier): string {
  return JSON.stringify([catalog, joinNamespace(namespace), table])
}
