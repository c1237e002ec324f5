'use client'
import { createContext, type ReactNode, useContext } from 'react'
import { createPortal } from 'react-dom'
import type { TableDetail } from '@/lib/contract/tables'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'

/** The table all tabs of a page look at, as of one moment, and where a tab puts its side panel. */
export type ShownTable = {
  table: TableIdentifier
  asOf: AsOf
  detail: TableDetail
  sidePanelHost: HTMLElement | null
}

const ShownTableContext = createContext<ShownTable | null>(null)

export const ShownTableProvider = ShownTableContext.Provider

/** @throws when used outside a table page */
export function useShownTable(): ShownTable {
  const shown = useContext(ShownTableContext)
  if (shown === null) throw new Error('useShownTable is for the tabs of a table page')
  return shown
}

/** Puts a side panel beside the whole table page, header included, so that it takes room and covers nothing. */
export function TableSidePanel({ children }: { children: ReactNode }) {
  const { sidePanelHost } = useShownTable()
  return sidePanelHost === null ? null : createPortal(children, sidePanelHost)
}
