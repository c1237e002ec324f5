'use client'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { formatExactTime } from '@/lib/format/time'
import { namespaceLabel } from '@/lib/names/identifiers'
import type { IngestionScope } from '@/lib/client/dashboards'
import classes from './dashboards.module.css'
import { periodLabel } from './ingestion/period-label'

/** On paper only, above each sheet: what the figures cover, and when they were read. */
export function SheetHead({
  title,
  scope: { catalog, namespace, table },
  span,
  readAtMs,
}: {
  title: string
  scope: IngestionScope
  span: { fromMs: number; toMs: number }
  readAtMs: number
}) {
  const nowMs = useNow()
  const timeZone = useTimeZone()
  const scope = [
    ...(catalog === undefined ? [] : [catalog]),
    ...(namespace === undefined ? [] : [namespaceLabel(namespace)]),
    ...(table === undefined ? [] : [table]),
  ]
  return (
    <div className={classes.sheetHead} data-sheet-head aria-hidden>
      <p className={classes.sheetLine}>
        <b>{title}</b> {scope.length === 0 ? 'all tables' : scope.join(' / ')}, {periodLabel(span, { nowMs, timeZone })}
        <span className={classes.sheetTime}>read {formatExactTime(readAtMs, timeZone)}</span>
      </p>
    </div>
  )
}
