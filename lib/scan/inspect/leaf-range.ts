import type { ParquetFooter } from '@/lib/parquet/footer'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { storedValueText } from './stored-value'
import { compareBytes } from '@/lib/compare-bytes'

/** The smallest and the largest value of a leaf over all row groups, as text; null when the footer does not say. */
export function leafRangeText(footer: ParquetFooter, node: SchemaNode, timeZone: string): string | null {
  const index = node.leaf?.index
  const compare = comparator(node)
  if (index === undefined || compare === null || footer.hasTypeOrder[index] !== true) return null
  const bounds = footer.rowGroups.flatMap(({ columns }) => {
    const { min, max } = columns[index]?.statistics ?? {}
    return min && max ? [{ min, max }] : []
  })
  const [first] = bounds
  if (!first) return null
  const min = bounds.reduce((least, one) => (compare(one.min, least) < 0 ? one.min : least), first.min)
  const max = bounds.reduce((most, one) => (compare(one.max, most) > 0 ? one.max : most), first.max)
  const [from, to] = [min, max].map((bytes) => storedValueText(node, bytes, timeZone))
  return from === to ? (from ?? null) : `${from} … ${to}`
}

type Compare = (a: Uint8Array, b: Uint8Array) => number

/** By the physical type; null for types whose order is another one. */
function comparator({ leaf, annotation }: SchemaNode): Compare | null {
  if (annotation?.kind === 'integer' && !annotation.isSigned) return null
  const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) => new DataView(buffer, byteOffset, byteLength)
  const byNumber =
    (width: number, read: (view: DataView) => number | bigint): Compare =>
    (a, b) => {
      if (a.byteLength !== width || b.byteLength !== width) return 0
      const [x, y] = [read(viewOf(a)), read(viewOf(b))]
      return x < y ? -1 : x > y ? 1 : 0
    }
  switch (leaf?.physicalType) {
    case 'INT32':
      return byNumber(4, (view) => view.getInt32(0, true))
    case 'INT64':
      return byNumber(8, (view) => view.getBigInt64(0, true))
    case 'FLOAT':
      return byNumber(4, (view) => view.getFloat32(0, true))
    case 'DOUBLE':
      return byNumber(8, (view) => view.getFloat64(0, true))
    case 'BOOLEAN':
      return byNumber(1, (view) => view.getUint8(0))
    case 'BYTE_ARRAY':
      return annotation?.kind === 'decimal' ? null : compareBytes
    default:
      return null
  }
}
