import { type Figure, FigureStrip } from '@/components/ui/values/figure-strip'
import { Unknown } from '@/components/ui/values/unknown'
import type { Compression } from '@/lib/contract/dashboards'
import { formatBytes, formatExactBytes } from '@/lib/format/bytes'
import { formatQuantity, formatCount } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import { formatRatioToOne } from '@/lib/format/ratio'
import { sum } from '@/lib/sum'
import { codecMatrix } from './codecs'
import { coverageGap, unmeasuredReason } from './file-coverage'

/** The four sizes and the two ratios between them. A sum that leaves out files is marked as a lower bound. */
export function CompressionFigures({
  data,
}: {
  data: Pick<Compression, 'tables' | 'input' | 'unreadableCount' | 'files'>
}) {
  const { tables, input, files } = data
  // The history below ends with these sums.
  const compared = {
    plainBytes: sum(tables.map((table) => table.compared.plainBytes)),
    encodedBytes: sum(tables.map((table) => table.compared.encodedBytes)),
    storedBytes: sum(tables.map((table) => table.compared.storedBytes)),
  }
  const storedBytes = sum(tables.map((table) => table.storedBytes))
  const gap = coverageGap(files)
  const counts = { fileCount: files.fileCount, unreadableCount: data.unreadableCount }
  const isEstimated = tables.some((table) => table.isEstimated)
  const sumMark = gap === undefined ? '' : '≥ '
  const estimateMark = isEstimated ? '≈ ' : ''
  // The files that are not measured may raise a ratio or a share as well as lower it.
  const ratioMark = gap === undefined ? '' : '≈ '
  const { asSetShare } = codecMatrix(tables)
  const sizeFigure = (bytes: number, mark = sumMark) =>
    tables.length === 0 && data.unreadableCount > 0 ? (
      <Unknown reason="no table could be read" />
    ) : (
      `${mark}${formatBytes(bytes)}`
    )
  const exactly = (bytes: number) => `${sumMark}${formatExactBytes(bytes)}${gap === undefined ? '' : ` (${gap})`}`
  const figures: Figure[] = [
    {
      label: 'Input',
      value: input.commits === 0 ? <Unknown reason="no commit reports its input" /> : formatBytes(input.bytes),
      title: formatExactBytes(input.bytes),
      note: `reported by ${formatCount(input.commits)} of ${formatQuantity(input.totalCommits, 'commit')}`,
    },
    {
      label: 'Plain',
      value: sizeFigure(compared.plainBytes, sumMark || estimateMark),
      title: `${exactly(compared.plainBytes)}: values at their type’s width, strings at their length`,
      note: isEstimated ? 'partly estimated from footers' : 'size before encoding',
    },
    {
      label: 'Encoded',
      value: sizeFigure(compared.encodedBytes),
      title: `${exactly(compared.encodedBytes)}: pages before their codec`,
      note: 'pages before the codec',
    },
    {
      label: 'Stored',
      value: sizeFigure(storedBytes),
      title: `${exactly(storedBytes)}: pages after their codec`,
      note: 'pages after the codec',
    },
    {
      label: 'Ratio',
      value:
        compared.storedBytes === 0 ? (
          <Unknown reason={unmeasuredReason(counts)} />
        ) : (
          `${estimateMark || ratioMark}${formatRatioToOne(compared.plainBytes / compared.storedBytes)}`
        ),
      title: 'plain to stored',
      note: 'plain to stored',
    },
    {
      label: 'Codec ratio',
      value:
        compared.storedBytes === 0 ? (
          <Unknown reason={unmeasuredReason(counts, 'no footer was read')} />
        ) : (
          `${ratioMark}${formatRatioToOne(compared.encodedBytes / compared.storedBytes)}`
        ),
      title: 'encoded to stored',
      note: 'encoded to stored',
    },
    {
      label: 'Bytes in the configured codec',
      value:
        asSetShare === null ? <Unknown reason="no table sets a codec" /> : `${ratioMark}${formatPercent(asSetShare)}`,
      note: asSetShare === null ? 'no table sets a codec' : 'in tables that set a codec',
    },
    {
      label: 'Files measured',
      value: formatCount(files.measuredCount),
      note: gap === undefined ? 'all live data files' : `of ${formatQuantity(files.fileCount, 'live data file')}`,
      title: `${gap ?? formatQuantity(files.fileCount, 'file')} in ${formatQuantity(tables.length, 'table')}`,
    },
  ]
  return <FigureStrip label="Sizes" figures={figures} />
}
