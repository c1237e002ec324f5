import { type Figure, FigureStrip } from '@/components/ui/values/figure-strip'
import { Unknown } from '@/components/ui/values/unknown'
import type { Compression, TableCompression } from '@/lib/contract/dashboards'
import { formatBytes, formatExactBytes } from '@/lib/format/bytes'
import { formatQuantity, formatCount } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import { formatRatioToOne } from '@/lib/format/ratio'
import { sum } from '@/lib/sum'
import { codecMatrix } from './codecs'

/** The four sizes and the two ratios between them. */
export function CompressionFigures({ data }: { data: Pick<Compression, 'tables' | 'input' | 'unreadableCount'> }) {
  const { tables, input } = data
  // The history below ends with these sums.
  const plain = {
    bytes: sum(tables.map(({ compared }) => compared.plainBytes)),
    storedBytes: sum(tables.map(({ compared }) => compared.storedBytes)),
  }
  const encoded = sumEncoded(tables)
  const storedBytes = sum(tables.map((table) => table.storedBytes))
  const fileCount = sum(tables.map((table) => table.fileCount))
  const unknownCount = sum(tables.map((table) => table.unknownCount))
  const isEstimated = tables.some((table) => table.isEstimated)
  const estimatePrefix = isEstimated ? '≈ ' : ''
  const { asSetShare } = codecMatrix(tables)
  const sizeFigure = (bytes: number, approximate = '') =>
    tables.length === 0 && data.unreadableCount > 0 ? (
      <Unknown reason="no table could be read" />
    ) : (
      `${approximate}${formatBytes(bytes)}`
    )
  const knownFiles = formatQuantity(fileCount - unknownCount, 'file')
  const figures: Figure[] = [
    {
      label: 'Input',
      value: input.commits === 0 ? <Unknown reason="no commit reports its input" /> : formatBytes(input.bytes),
      title: formatExactBytes(input.bytes),
      note: `reported by ${formatCount(input.commits)} of ${formatQuantity(input.totalCommits, 'commit')}`,
    },
    {
      label: 'Plain',
      value: sizeFigure(plain.bytes, estimatePrefix),
      title: `${formatExactBytes(plain.bytes)}: values at their type’s width, strings at their length`,
      note: isEstimated ? 'partly estimated from footers' : 'size before encoding',
    },
    {
      label: 'Encoded',
      value: sizeFigure(encoded.bytes),
      title: `${formatExactBytes(encoded.bytes)}: pages before their codec`,
      note: 'pages before the codec',
    },
    {
      label: 'Stored',
      value: sizeFigure(storedBytes),
      title: `${formatExactBytes(storedBytes)}: pages after their codec`,
      note: 'pages after the codec',
    },
    {
      label: 'Ratio',
      value:
        plain.storedBytes === 0 ? (
          <Unknown reason="no file’s plain size is known" />
        ) : (
          `${estimatePrefix}${formatRatioToOne(plain.bytes / plain.storedBytes)}`
        ),
      title: 'plain to stored',
      note: 'plain to stored',
    },
    {
      label: 'Codec ratio',
      value:
        encoded.storedBytes === 0 ? (
          <Unknown reason="no footer was read" />
        ) : (
          formatRatioToOne(encoded.bytes / encoded.storedBytes)
        ),
      title: 'encoded to stored',
      note: 'encoded to stored',
    },
    {
      label: 'Bytes in the configured codec',
      value: asSetShare === null ? <Unknown reason="no table sets a codec" /> : formatPercent(asSetShare),
      note: asSetShare === null ? 'no table sets a codec' : 'in tables that set a codec',
    },
    {
      label: 'Files known',
      value: formatCount(fileCount - unknownCount),
      note: unknownCount === 0 ? 'all live data files' : `${formatQuantity(unknownCount, 'file')} not measured`,
      title: `${knownFiles} in ${formatQuantity(tables.length, 'table')}`,
    },
  ]
  return <FigureStrip label="Sizes" figures={figures} />
}

/** Sums encoded bytes over the tables that know them, and the stored bytes of the same tables, for a consistent ratio. */
function sumEncoded(tables: readonly TableCompression[]) {
  const knownTables = tables.filter(({ encodedBytes }) => encodedBytes !== null)
  return {
    bytes: sum(knownTables.map(({ encodedBytes }) => encodedBytes ?? 0)),
    storedBytes: sum(knownTables.map((table) => table.storedBytes)),
  }
}
