import { type Figure, FigureStrip } from '@/components/ui/values/figure-strip'
import { Unknown } from '@/components/ui/values/unknown'
import type { Compression } from '@/lib/contract/dashboards'
import { formatExactBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import { formatRatio, formatRatioToOne } from '@/lib/format/ratio'
import { formatDay } from '@/lib/format/time'
import { formatChangeInUnit, formatInUnit, type SharedUnit } from '@/lib/format/shared-unit'
import { approximately, comparedBytes, firstKnown, notReadReason, readShareText } from './sizes'

type Data = Pick<Compression, 'sizes' | 'levels' | 'files' | 'asSet' | 'couldBeSaved' | 'candidateCount'>

/** The three sizes with the ratios between them, and how much of them is known. */
export function SizesStrip({ data, unit }: { data: Data; unit: SharedUnit }) {
  const { sizes, levels } = data
  const { plainBytes, encodedBytes, storedBytes, isProjected } = sizes
  const reason = notReadReason(data)
  const first = firstKnown(levels)
  const last = levels.at(-1)
  const compared = comparedBytes(sizes)
  const mark = approximately(sizes)
  const size = (bytes: number) =>
    plainBytes === 0 ? <Unknown reason={reason} /> : `${mark}${formatInUnit(bytes, unit)} ${unit.name}`
  const ratioNote = (ratio: number, by: string) =>
    plainBytes === 0
      ? reason
      : isProjected
        ? `${formatRatioToOne(ratio)} by ${by}`
        : `of ${readShareText(data)} of the bytes`
  const plainChange =
    first === null || last?.plainBytes == null ? null : formatChangeInUnit(last.plainBytes - first.plainBytes, unit)
  const figures: Figure[] = [
    {
      label: 'Plain',
      value: size(plainBytes),
      title: `${mark}${formatExactBytes(plainBytes)}: values at the width of their type, texts at their length`,
      note:
        plainBytes === 0 || !isProjected
          ? ratioNote(0, '')
          : plainChange === null
            ? 'values, not encoded'
            : `${plainChange} since ${dayText(first?.atMs ?? 0)}`,
    },
    {
      label: 'Encoded',
      value: size(encodedBytes),
      title: `${mark}${formatExactBytes(encodedBytes)}: pages before their codec`,
      note: ratioNote(plainBytes / encodedBytes, 'encodings'),
    },
    {
      label: 'Stored',
      value: `${formatInUnit(storedBytes, unit)} ${unit.name}`,
      title: `${formatExactBytes(storedBytes)} of data and delete files`,
      note: storedNote(data, unit),
    },
    {
      label: 'Ratio',
      value: plainBytes === 0 ? <Unknown reason={reason} /> : `${mark}${formatRatioToOne(plainBytes / compared)}`,
      title: 'plain to stored',
      note: first === null ? 'plain to stored' : `${formatRatio(first.ratio)} on ${dayText(first.atMs)}`,
    },
    asSetFigure(data),
    ...savedFigure(data, unit),
    {
      label: 'Footers read',
      value: last?.readShare == null ? <Unknown reason="there are no data files" /> : formatPercent(last.readShare),
      note: readNote(data),
    },
  ]
  return <FigureStrip label="Sizes" figures={figures} />
}

function dayText(atMs: number): string {
  return formatDay(atMs, 'UTC')
}

function storedNote({ sizes }: Data, unit: SharedUnit): string {
  const { encodedBytes, storedBytes, isProjected, unreadBytes } = sizes
  if (!isProjected && unreadBytes > 0) return `${formatInUnit(unreadBytes, unit)} not read yet`
  return encodedBytes === 0 ? 'data and delete files' : `${formatRatioToOne(encodedBytes / storedBytes)} by codecs`
}

function asSetFigure({ asSet, files }: Data): Figure {
  const label = 'Written as set'
  if (asSet === null)
    return {
      label,
      value: <Unknown reason={files.read === 0 ? 'no footer was read' : 'no table sets a codec'} />,
      note: files.read === 0 ? 'no footer was read' : 'no table sets a codec',
    }
  const { asSetBytes, setBytes, differentTables } = asSet
  return {
    label,
    value: formatPercent(asSetBytes / setBytes),
    title: `${formatExactBytes(asSetBytes)} of ${formatExactBytes(setBytes)} of pages with a codec that is set`,
    note:
      differentTables === 0
        ? 'where a codec is set'
        : `${formatQuantity(differentTables, 'table')} differ${differentTables === 1 ? 's' : ''}`,
  }
}

/** Only where a user tried a codec. */
function savedFigure({ couldBeSaved, candidateCount, sizes: { storedBytes } }: Data, unit: SharedUnit): Figure[] {
  if (couldBeSaved === null) return []
  const { bytes, tableCount } = couldBeSaved
  return [
    {
      label: 'Could be saved',
      value: `≈ ${formatInUnit(bytes, unit)} ${unit.name}`,
      title: `≈ ${formatExactBytes(bytes)}, from samples of ${tableCount} of ${formatQuantity(candidateCount, 'table')} that are written otherwise than set`,
      note: `${formatPercent(bytes / storedBytes)} of stored, ${formatQuantity(tableCount, 'table')}`,
    },
  ]
}

function readNote({ files: { read, total, unreadable } }: Data): string {
  const of = `${formatCount(read)} of ${formatQuantity(total, 'file')}`
  return unreadable === 0 ? of : `${of}, ${formatCount(unreadable)} not readable`
}
