'use client'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { ChangeTray } from '@/components/changes/change-tray'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { tableQuery } from '@/lib/client/tables'
import { namespaceLabel, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { retryFetch } from '@/lib/client/retry'
import { AsOfBand } from './as-of-band'
import { NewerCommitsNotice } from './newer-commits-notice'
import { ShownTableProvider } from './shown-table'
import { TableHeader, TableHeaderPlaceholder } from './table-header'
import classes from './table-page.module.css'
import { TableTabs, tabPanelId } from './table-tabs'
import { useAsOf } from './use-as-of'

/** The frame around every tab of a table: header, tabs, the as-of band and the tray. */
export function TablePage({ table, children }: { table: TableIdentifier; children: ReactNode }) {
  const asOf = useAsOf()
  const { data: detail, error, refetch } = useQuery(tableQuery(table, asOf))
  const [sidePanelHost, setSidePanelHost] = useState<HTMLElement | null>(null)
  return (
    <div className={classes.page}>
      <div className={classes.main} data-scroll-away>
        {detail ? (
          <TableHeader table={table} detail={detail} />
        ) : (
          <TableHeaderPlaceholder table={table} isReading={error === null} />
        )}
        <TableTabs table={table} asOf={asOf} />
        {detail && <AsOfBand detail={detail} />}
        {detail?.shown.isNow && <NewerCommitsNotice table={table} detail={detail} />}
        <div className={classes.tab} role="tabpanel" id={tabPanelId} tabIndex={-1}>
          {error ? (
            <div className={classes.problem}>
              <ProblemNote
                error={error}
                subject={`${namespaceLabel(table.namespace)}.${table.table}`}
                onRetry={() => retryFetch(refetch)}
              />
            </div>
          ) : detail ? (
            <ShownTableProvider value={{ table, asOf, detail, sidePanelHost }}>{children}</ShownTableProvider>
          ) : (
            <SkeletonRows rows={12} columns={5} label="Reading the table" />
          )}
        </div>
        {detail && <ChangeTray table={table} detail={detail} sidePanelHost={sidePanelHost} />}
      </div>
      <div ref={setSidePanelHost} className={classes.sidePanel} />
    </div>
  )
}
