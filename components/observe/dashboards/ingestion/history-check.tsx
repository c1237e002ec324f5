import { IconShieldCheck } from '@tabler/icons-react'
import { TableLink } from '@/components/about/table-link'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { RelativeTime } from '@/components/ui/values/relative-time'
import type { HistoryCheck } from '@/lib/contract/dashboards'
import { formatBytesChange } from '@/lib/format/bytes'
import { formatCount, formatCountChange, formatQuantity } from '@/lib/format/count'

/** Says in a few words that the history is equal to the lake. Renders nothing where it is not. */
export function EqualToLake({ check }: { check: HistoryCheck | null }) {
  if (check === null || check.differentCount > 0 || check.comparedCount === 0) return null
  const { comparedCount, uncomparedCount } = check
  const text =
    uncomparedCount === 0
      ? 'equal to the lake'
      : `${formatCount(comparedCount)} of ${formatQuantity(comparedCount + uncomparedCount, 'table')} equal to the lake`
  const title =
    uncomparedCount === 0
      ? 'The total of each table equals its manifests.'
      : `The manifests of ${formatQuantity(uncomparedCount, 'table')} have not been read for it.`
  return (
    <span className="quiet small" title={title}>
      <IconShieldCheck size={14} stroke={1.6} aria-hidden /> {text}, checked <RelativeTime atMs={check.atMs} />
    </span>
  )
}

/** Names the tables whose history is not equal to the lake. Renders nothing if there are none. */
export function DifferentFromLake({ check }: { check: HistoryCheck | null }) {
  if (check === null || check.differentCount === 0) return null
  const more = check.differentCount - check.different.length
  return (
    <WarningNote isLive>
      <p className="bare">
        The history of {formatQuantity(check.differentCount, 'table')} is not equal to the lake, checked{' '}
        <RelativeTime atMs={check.atMs} />. It has, compared with the files:
      </p>
      {check.different.map(({ table, rows, files, bytes }) => (
        <p key={JSON.stringify(table)} className="bare">
          <TableLink table={table} /> {formatCountChange(rows)} rows, {formatCountChange(files)} files,{' '}
          {formatBytesChange(bytes)}
        </p>
      ))}
      {more > 0 && <p className="bare">and {formatCount(more)} more.</p>}
    </WarningNote>
  )
}
