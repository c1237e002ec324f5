'use client'
import { IconFileZip, IconRefresh } from '@tabler/icons-react'
import { TableLink, tableLabel } from '@/components/about/table-link'
import type { ChartMark } from '@/components/chart/event-marks'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import type { Compression } from '@/lib/contract/dashboards'
import { formatBytes, formatBytesChange } from '@/lib/format/bytes'
import { formatPercentChange } from '@/lib/format/percent'
import { formatDay, formatExactTime, formatTimeOfDay } from '@/lib/format/time'
import classes from './size-changes.module.css'

type SizeChange = Compression['changes'][number]

/** The numbers of the list on the charts, at their times. */
export function toMarks(changes: readonly SizeChange[]): ChartMark[] {
  return changes.map((change, index) => ({
    atMs: change.atMs,
    number: index + 1,
    text: `${tableLabel(change.table)}: ${whatText(change)}`,
  }))
}

/** The changes of sizes without new data, newest first, with the number that the charts have. */
export function SizeChanges({
  data: { changes, changeCount },
}: {
  data: Pick<Compression, 'changes' | 'changeCount'>
}) {
  return (
    <Panel
      title="What changed, and why"
      subtitle={
        changeCount > changes.length
          ? `codecs, files rewritten; ${changes.length} of ${changeCount}, those that changed most`
          : 'codecs set and written, files rewritten'
      }
      flush
    >
      {changes.length === 0 ? (
        <EmptyState>
          No codec was set or new in a table, and no file was rewritten. Sizes changed by new data alone.
        </EmptyState>
      ) : (
        <ol className={classes.list}>
          {changes
            .map((change, index) => ({ change, number: index + 1 }))
            .toReversed()
            .map(({ change, number }) => (
              <ChangeLine key={number} change={change} number={number} />
            ))}
        </ol>
      )}
    </Panel>
  )
}

function ChangeLine({ change, number }: { change: SizeChange; number: number }) {
  const { atMs, table, kind } = change
  const Icon = kind === 'rewrite' ? IconRefresh : IconFileZip
  return (
    <li className={classes.line}>
      <span className={classes.number}>{number}</span>
      <time className={classes.time} dateTime={new Date(atMs).toISOString()} title={formatExactTime(atMs, 'UTC')}>
        {formatDay(atMs, 'UTC')} {kind !== 'written' && formatTimeOfDay(atMs, 'UTC')}
      </time>
      <Icon size={14} stroke={1.6} aria-hidden className={classes.icon} />
      <span className={classes.what}>
        {kind !== 'rewrite' ? whatText(change) : `${change.writer ?? 'someone'} ${whatText(change)}`} on{' '}
        <TableLink table={table} />
      </span>
      <span className={classes.effect}>{effectText(change)}</span>
    </li>
  )
}

function whatText({ kind, codec, commits }: SizeChange): string {
  if (kind === 'codec') return codec === null ? 'codec changed' : `${codec} set`
  if (kind === 'written') return `first pages in ${codec}`
  return commits > 1 ? `rewrote files in ${commits} commits` : 'rewrote files'
}

function effectText({ kind, bytesBefore, bytesAfter }: SizeChange): string {
  if (kind === 'codec') return 'new files only'
  if (kind === 'written') return bytesAfter === null ? '' : `${formatBytes(bytesAfter)} on that day`
  if (bytesBefore === null || bytesAfter === null) return 'sizes not known'
  const change = bytesAfter - bytesBefore
  if (change === 0 || bytesBefore === 0) return `${formatBytes(bytesAfter)} as before`
  return `live ${formatBytesChange(change)}, ${formatPercentChange(change / bytesBefore)} of ${formatBytes(bytesBefore)}`
}
