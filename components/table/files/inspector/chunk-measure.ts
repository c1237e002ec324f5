import type { ColumnChunk } from '@/lib/parquet/footer'
import { formatBytes } from '@/lib/format/bytes'
import { formatPercent } from '@/lib/format/percent'
import { formatRatio } from '@/lib/format/ratio'

export const CHUNK_MEASURES = ['stored', 'ratio', 'nulls'] as const
export type ChunkMeasure = (typeof CHUNK_MEASURES)[number]

/** The number of steps of the sequential colours. */
const STEPS = 5

type Measured = Pick<ColumnChunk, 'storedBytes' | 'encodedBytes' | 'valueCount' | 'statistics'>

/** The measure of one chunk; null when the file does not say. */
export function measureChunk(measure: ChunkMeasure, chunk: Measured): number | null {
  switch (measure) {
    case 'stored':
      return chunk.storedBytes
    case 'ratio':
      return chunk.storedBytes === 0 ? null : chunk.encodedBytes / chunk.storedBytes
    case 'nulls': {
      const nullCount = chunk.statistics?.nullCount ?? null
      return nullCount === null || chunk.valueCount === 0 ? null : nullCount / chunk.valueCount
    }
  }
}

export function formatMeasure(measure: ChunkMeasure, value: number): string {
  switch (measure) {
    case 'stored':
      return formatBytes(value)
    case 'ratio':
      return formatRatio(value)
    case 'nulls':
      return formatPercent(value)
  }
}

/** The lower limits of the five shades: logarithmic, because chunks differ by powers; shares of nulls are linear. */
export type Shades = readonly number[]

export function shadesOf(measure: ChunkMeasure, values: Iterable<number | null>): Shades {
  if (measure === 'nulls') return [0, 0.2, 0.4, 0.6, 0.8]
  let least = Number.POSITIVE_INFINITY
  let most = 0
  for (const value of values) {
    if (value === null || value <= 0) continue
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  if (most === 0) return [0]
  if (least === most) return [least]
  return Array.from({ length: STEPS }, (_, step) => least * (most / least) ** (step / STEPS))
}

/** The shade of a value, from 1 to 5; 0 without a value. */
export function shadeOf(shades: Shades, value: number | null): number {
  if (value === null) return 0
  return Math.max(1, shades.findLastIndex((limit) => value >= limit) + 1)
}
