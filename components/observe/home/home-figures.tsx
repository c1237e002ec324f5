import { type Figure, FigureStrip } from '@/components/ui/values/figure-strip'
import { Unknown } from '@/components/ui/values/unknown'
import type { Home } from '@/lib/contract/home'
import { formatBytes, formatBytesChange, formatExactBytes } from '@/lib/format/bytes'
import { formatQuantity, formatCount, formatCountChange } from '@/lib/format/count'
import { formatRatioToOne } from '@/lib/format/ratio'
import { coverageGap, unmeasuredReason } from '../dashboards/file-coverage'

const NO_TABLE_READ = 'no table could be read'

export function HomeFigures({ home }: { home: Home }) {
  const { rowCount, liveBytes, day, ratio } = home
  const gap = coverageGap(home.files)
  const allCount = home.tableCount + home.unreadableCount
  // Marks a sum that leaves out tables.
  const coverageNote =
    home.unreadableCount > 0 ? `of ${formatCount(home.tableCount)} of ${formatQuantity(allCount, 'table')}` : null
  const isNothingRead = home.tableCount === 0 && home.unreadableCount > 0
  const figures: Figure[] = [
    {
      label: 'Tables',
      value: formatCount(allCount),
      note: <NamespaceCount home={home} />,
    },
    {
      // Without subtracting deletes, as in the list of the largest tables.
      label: 'Rows in data files',
      value: isNothingRead ? <Unknown reason={NO_TABLE_READ} /> : formatCount(rowCount),
      note: coverageNote ?? (
        <>
          <span className={changeTone(day.rows)}>{formatCountChange(day.rows)}</span> in the last 24 h
        </>
      ),
    },
    {
      label: 'Live bytes',
      value: isNothingRead ? <Unknown reason={NO_TABLE_READ} /> : formatBytes(liveBytes),
      title: formatExactBytes(liveBytes),
      note: coverageNote ?? `${formatBytesChange(day.bytes)} in the last 24 h`,
    },
    {
      label: 'Commits, last 24 h',
      value: formatCount(day.commits),
      note: `${formatCount(day.commitsDayBefore)} the day before`,
    },
    {
      label: 'Overall ratio',
      value:
        ratio === null ? (
          <Unknown
            reason={
              isNothingRead ? NO_TABLE_READ : unmeasuredReason({ ...home.files, unreadableCount: home.unreadableCount })
            }
          />
        ) : (
          `${ratio.isEstimated || gap !== undefined ? '≈ ' : ''}${formatRatioToOne(ratio.plainBytes / ratio.storedBytes)}`
        ),
      note:
        gap ??
        (ratio === null
          ? 'plain to stored'
          : `${formatBytes(ratio.plainBytes)} plain, ${formatBytes(ratio.storedBytes)} in pages`),
      title: 'plain to stored bytes of the pages in live data files; live bytes count whole files',
    },
  ]
  return <FigureStrip label="The lake" figures={figures} />
}

/** A range, if it is not known whether some namespaces are those of another connection. */
function NamespaceCount({ home: { namespaceCount, unprovenNamespaceCount } }: { home: Home }) {
  if (unprovenNamespaceCount === 0) return formatQuantity(namespaceCount, 'namespace')
  const isOne = unprovenNamespaceCount === 1
  return (
    <span
      title={`Two connections share tables. ${formatQuantity(unprovenNamespaceCount, 'namespace')} ${isOne ? 'has the name of another one' : 'have the names of others'}, and no table that shows whether ${isOne ? 'it is the same' : 'they are the same'}.`}
    >
      {formatCount(namespaceCount - unprovenNamespaceCount)} to {formatQuantity(namespaceCount, 'namespace')}
    </span>
  )
}

function changeTone(change: number): string | undefined {
  return change > 0 ? 'added' : change < 0 ? 'removed' : undefined
}
