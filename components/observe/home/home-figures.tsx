import { type Figure, FigureStrip } from '@/components/ui/values/figure-strip'
import { Unknown } from '@/components/ui/values/unknown'
import type { Home } from '@/lib/contract/home'
import { formatBytes, formatBytesChange, formatExactBytes } from '@/lib/format/bytes'
import { formatQuantity, formatCount, formatCountChange } from '@/lib/format/count'
import { formatRatioToOne } from '@/lib/format/ratio'
import { coverageGap, unmeasuredReason } from '../dashboards/file-coverage'

const NO_TABLE_READ = 'no table has been read yet'

export function HomeFigures({ home }: { home: Home }) {
  const { rowCount, liveBytes, day, ratio } = home
  const gap = coverageGap(home.files)
  const allCount = home.tableCount + home.unreadTableCount
  // Marks a sum that leaves out tables.
  const coverageNote =
    home.unreadTableCount > 0 ? `of ${formatCount(home.tableCount)} of ${formatQuantity(allCount, 'table')}` : null
  const isNothingRead = home.tableCount === 0 && home.unreadTableCount > 0
  const figures: Figure[] = [
    {
      label: 'Tables',
      value: formatCount(allCount),
      note: `in ${formatQuantity(home.namespaceCount, 'namespace')}`,
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
              isNothingRead
                ? NO_TABLE_READ
                : unmeasuredReason({ ...home.files, unreadableCount: home.unreadTableCount })
            }
          />
        ) : (
          `${ratio.isEstimated || gap !== undefined ? '≈ ' : ''}${formatRatioToOne(ratio.plainBytes / ratio.storedBytes)}`
        ),
      note:
        gap ??
        (ratio === null
          ? 'plain to stored'
          : `${formatBytes(ratio.plainBytes)} plain, ${formatBytes(ratio.storedBytes)} stored`),
      title: 'plain to stored bytes of the live files, as on the Compression page',
    },
  ]
  return <FigureStrip label="The lake" figures={figures} />
}

function changeTone(change: number): string | undefined {
  return change > 0 ? 'added' : change < 0 ? 'removed' : undefined
}
