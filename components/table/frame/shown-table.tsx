'use client'
import { createContext, type ReactNode, useContext } from 'react'
import { createPortal } from 'react-dom'
import type { TableDetail } from '@/lib/contract/table/tables'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'

/** The table that all tabs of a page show, at one snapshot, and the element for side panels. */
export type ShownTable = {
  table: TableIdentifier
  asOf: AsOf
  detail: TableDetail
  sidePanelHost: HTMLElement | null
  /** Lets *Query* in the header open the rows that a tab shows; null for the whole table. */
  setRowsSql: (sql: string | null) => void
}

const ShownTableContext = createContext<ShownTable | null>(null)

export const ShownTableProvider = ShownTableContext.Provider

/** @throws when used outside a table page */
export function useShownTable(): ShownTable {
  const shown = useContext(ShownTableContext)
  if (shown === null) throw new Error('useShownTable was called outside a table page')
  return shown
}

/** Puts a side panel next to the whole table page, header included, so that it covers no content. */
export function TableSidePanel({ children }: { children: ReactNode }) {
  const { sidePanelHost } = useShownTable()
  return sidePanelHost === null ? null : createPortal(children, sidePanelHost)
}
