import { type Figure, FigureStrip } from '@/components/ui/values/figure-strip'
import { Unknown } from '@/components/ui/values/unknown'
import type { Flow, Ingestion } from '@/lib/contract/dashboards'
import { formatBytes, formatExactBytes } from '@/lib/format/bytes'
import { formatQuantity, formatCount } from '@/lib/format/count'

export const REWRITES =
  'An overwrite replaces whole files: rows in them that did not change count as both removed and added.'

/** Totals of the period, compared with the previous period of the same length. */
export function IngestionFigures({ totals, before }: { totals: Ingestion['totals']; before: Flow }) {
  const { commitsWithoutCounts } = totals
  const figures: Figure[] = [
    {
      label: 'Rows added',
      value: formatCount(totals.rows),
      note: `${formatCount(before.rows)} in the previous period`,
    },
    {
      label: 'Rows removed',
      value: formatCount(totals.removedRows),
      title: REWRITES,
      note: 'rewritten rows count as both removed and added',
    },
    {
      label: 'File bytes added',
      value: formatBytes(totals.bytes),
      title: formatExactBytes(totals.bytes),
      note: `${formatBytes(before.bytes)} in the previous period`,
    },
    {
      label: 'Input bytes',
      value:
        totals.inputCommits === 0 ? (
          <Unknown reason="no commit in this period reports its input" />
        ) : (
          formatBytes(totals.inputBytes)
        ),
      note: `reported by ${formatCount(totals.inputCommits)} of ${formatQuantity(totals.commits, 'commit')}`,
    },
    {
      label: 'Commits',
      value: formatCount(totals.commits),
      note:
        commitsWithoutCounts > 0
          ? `${formatCount(commitsWithoutCounts)} without counts`
          : `${formatCount(before.commits)} in the previous period`,
    },
    {
      label: 'Files added',
      value: formatCount(totals.files),
      note: meanFileNote(totals),
    },
  ]
  return <FigureStrip label="Ingestion" figures={figures} />
}

/** Summaries have no sizes of single files, and one sum for data files and delete files. */
function meanFileNote({ files, meanFileBytes, meanFileCount }: Ingestion['totals']): string {
  if (files === 0) return 'no files added'
  if (meanFileBytes === null) return 'mean size not known'
  const mean = `mean ${formatBytes(meanFileBytes)}`
  return meanFileCount === files ? mean : `${mean}, of ${formatCount(meanFileCount)} of them`
}
