import { type Figure, FigureStrip } from '@/components/ui/values/figure-strip'
import { Unknown } from '@/components/ui/values/unknown'
import type { Flow, Ingestion } from '@/lib/contract/dashboards'
import { formatBytes, formatExactBytes } from '@/lib/format/bytes'
import { formatQuantity, formatCount } from '@/lib/format/count'

/** What came in, beside what came in during the same length of time before. */
export function IngestionFigures({ totals, before }: { totals: Ingestion['totals']; before: Flow }) {
  const { silentCommits } = totals
  const figures: Figure[] = [
    {
      label: 'Rows added',
      value: formatCount(totals.rows),
      note: `${formatCount(before.rows)} in the time before`,
    },
    { label: 'Rows removed', value: formatCount(totals.removedRows), note: 'by deletes and overwrites' },
    {
      label: 'Stored bytes added',
      value: formatBytes(totals.bytes),
      title: formatExactBytes(totals.bytes),
      note: `${formatBytes(before.bytes)} in the time before`,
    },
    {
      label: 'Input bytes',
      value:
        totals.inputCommits === 0 ? (
          <Unknown reason="no commit of this time tells what it was loaded from" />
        ) : (
          formatBytes(totals.inputBytes)
        ),
      note: `told by ${formatCount(totals.inputCommits)} of ${formatQuantity(totals.commits, 'commit')}`,
    },
    {
      label: 'Commits',
      value: formatCount(totals.commits),
      note:
        silentCommits > 0
          ? `${formatCount(silentCommits)} tell no counts`
          : `${formatCount(before.commits)} in the time before`,
    },
    {
      label: 'Files added',
      value: formatCount(totals.files),
      note: totals.medianFileBytes === null ? 'no file was added' : `median ${formatBytes(totals.medianFileBytes)}`,
    },
  ]
  return <FigureStrip label="What came in" figures={figures} />
}
