import { type Figure, FigureStrip } from '@/components/ui/figure-strip'
import { Unknown } from '@/components/ui/unknown'
import type { Compression, TableCompression } from '@/lib/contract/dashboards'
import { formatBytes, formatExactBytes } from '@/lib/format/bytes'
import { counted, formatCount } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import { formatRatioToOne } from '@/lib/format/ratio'
import { sum } from '@/lib/sum'
import { codecMatrix } from './codecs'

/** The four sizes, never mixed, and the two ratios between them. */
export function CompressionFigures({ data }: { data: Compression }) {
  const { tables, input } = data
  const plain = totalOf(tables, ({ plainBytes }) => plainBytes)
  const encoded = totalOf(tables, ({ encodedBytes }) => encodedBytes)
  const storedBytes = sum(tables.map((table) => table.storedBytes))
  const fileCount = sum(tables.map((table) => table.fileCount))
  const unknownCount = sum(tables.map((table) => table.unknownCount))
  const isEstimated = tables.some((table) => table.isEstimated)
  const about = isEstimated ? '≈ ' : ''
  const { asSetShare } = codecMatrix(tables)
  const sizeOf = (bytes: number, approximate = '') =>
    tables.length === 0 && data.unreadableCount > 0 ? (
      <Unknown why="no table could be read" />
    ) : (
      `${approximate}${formatBytes(bytes)}`
    )
  const known = counted(fileCount - unknownCount, 'file')
  const figures: Figure[] = [
    {
      label: 'Input',
      value: input.commits === 0 ? <Unknown why="no commit tells what it was loaded from" /> : formatBytes(input.bytes),
      title: formatExactBytes(input.bytes),
      note: `told by ${formatCount(input.commits)} of ${counted(input.ofCommits, 'commit')}`,
    },
    {
      label: 'Plain',
      value: sizeOf(plain.bytes, about),
      title: `${formatExactBytes(plain.bytes)}: values at their type’s width, strings at their length`,
      note: isEstimated ? 'partly estimated from footers' : 'values at their width',
    },
    {
      label: 'Encoded',
      value: sizeOf(encoded.bytes),
      title: `${formatExactBytes(encoded.bytes)}: pages before their codec`,
      note: 'pages before the codec',
    },
    {
      label: 'Stored',
      value: sizeOf(storedBytes),
      title: `${formatExactBytes(storedBytes)}: pages after their codec`,
      note: 'pages after the codec',
    },
    {
      label: 'Ratio',
      value:
        plain.storedBytes === 0 ? (
          <Unknown why="no file’s plain size is known" />
        ) : (
          `${about}${formatRatioToOne(plain.bytes / plain.storedBytes)}`
        ),
      title: 'plain to stored',
      note: 'plain to stored',
    },
    {
      label: 'Codec ratio',
      value:
        encoded.storedBytes === 0 ? (
          <Unknown why="no footer was read" />
        ) : (
          formatRatioToOne(encoded.bytes / encoded.storedBytes)
        ),
      title: 'encoded to stored',
      note: 'encoded to stored',
    },
    {
      label: 'Written as set',
      value: asSetShare === null ? <Unknown why="no table sets a codec" /> : formatPercent(asSetShare),
      note: asSetShare === null ? 'no table sets a codec' : 'of bytes of tables that set one',
    },
    {
      label: 'Files known',
      value: formatCount(fileCount - unknownCount),
      note: unknownCount === 0 ? 'all live data files' : `of ${formatCount(fileCount)}; the rest is in no size`,
      title: `${known} in ${counted(tables.length, 'table')}`,
    },
  ]
  return <FigureStrip label="Sizes" figures={figures} />
}

/** A size over the tables where all of it is known, with what those tables store: a ratio compares the same files. */
function totalOf(tables: readonly TableCompression[], size: (table: TableCompression) => number | null) {
  const known = tables.filter((table) => size(table) !== null)
  return {
    bytes: sum(known.map((table) => size(table) ?? 0)),
    storedBytes: sum(known.map((table) => table.storedBytes)),
  }
}
