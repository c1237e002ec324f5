import 'server-only'
import { fixedWidthBytes } from '@/lib/iceberg/schema/fixed-width'
import { sum } from '@/lib/sum'
import type { WrittenChunk, WrittenRowGroup } from '@/lib/parquet/write/file-metadata'
import { PLAIN_BYTES_KEY } from '../measure/plain-bytes-key'
import type { FileLayout } from '@/server/parquet/transcode/column-layout'
import { withFileSink, withFileSource } from '@/server/parquet/transcode/local-file'
import { LAYOUT_KEY, layoutRecord } from '@/server/parquet/transcode/recorded-layout'
import { pageCompressors } from '@/server/parquet/transcode/page-compressors'
import { transcodeParquet } from '@/server/parquet/transcode/transcode'
import { pageCodecs } from '@/server/parquet/page-codecs'
import type { StagedFile } from './staged-file'
import type { LeafColumn, MeasuredRows } from '../measure/measure-file'

const PLAIN_BYTES_DIGITS = 16

export type EncodedFile = Pick<StagedFile, 'recordCount' | 'fileSizeBytes' | 'metrics' | 'splitOffsets' | 'sizes'>

/**
 * Writes a file of DuckDB as the table wants it, and marks nanoseconds with a zone as UTC, for which DuckDB has no type.
 * DuckDB would read marked columns as microseconds, so it must not read the new file.
 */
export async function encodeFile(
  { from, to }: { from: string; to: string },
  { recordCount, metrics, leaves }: MeasuredRows,
  layout: FileLayout,
): Promise<EncodedFile> {
  const instantFieldIds = new Set(leaves.flatMap(({ field, type }) => (type === 'timestamptz_ns' ? [field.id] : [])))
  let plainBytes = 0
  const { fileSizeBytes, rowGroups } = await withFileSource(from, (source) =>
    withFileSink(to, (sink) =>
      transcodeParquet(source, sink, {
        layout,
        codecs: pageCodecs,
        compressors: pageCompressors,
        instantFieldIds,
        keyValues: (written) => {
          plainBytes = countPlainBytes(groupChunks(leaves, written))
          return {
            [PLAIN_BYTES_KEY]: String(plainBytes).padStart(PLAIN_BYTES_DIGITS, '0'),
            [LAYOUT_KEY]: layoutRecord(
              layout,
              leaves.map(({ field }) => field.id),
            ),
          }
        },
      }),
    ),
  )
  const columns = groupChunks(leaves, rowGroups)
  const total = (bytesOf: (chunk: WrittenChunk) => number) =>
    sum(columns.flatMap(({ chunks }) => chunks.map((chunk) => bytesOf(chunk))))
  const isCounted = ({ mode }: LeafColumn) => mode.kind !== 'none'
  return {
    recordCount,
    fileSizeBytes,
    splitOffsets: rowGroups.map(({ startOffset }) => startOffset),
    metrics: {
      ...metrics,
      columnSizesBytes: new Map(
        columns
          .filter(({ leaf }) => isCounted(leaf))
          .map(({ leaf, chunks }) => [leaf.field.id, sum(chunks.map(({ storedBytes }) => storedBytes))]),
      ),
    },
    sizes: {
      plainBytes,
      plainSource: 'counted',
      encodedBytes: total(({ encodedBytes }) => encodedBytes),
      storedBytes: total(({ storedBytes }) => storedBytes),
      codecs: Object.fromEntries(columns.map(({ leaf, chunks }) => [leaf.path.join('.'), codecNames(chunks)])),
    },
  }
}

type LeafChunks = { leaf: LeafColumn; chunks: readonly WrittenChunk[] }

/** The chunks of each column in all row groups. */
function groupChunks(leaves: readonly LeafColumn[], rowGroups: readonly WrittenRowGroup[]): LeafChunks[] {
  const byPath = Map.groupBy(
    rowGroups.flatMap(({ columns }) => columns),
    ({ path }) => path.join(', '),
  )
  return leaves.map((leaf) => ({ leaf, chunks: byPath.get(leaf.chunkPath) ?? [] }))
}

function countPlainBytes(columns: readonly LeafChunks[]): number {
  return sum(
    columns.flatMap(({ leaf, chunks }) => {
      const width = fixedWidthBytes(leaf.type)
      return chunks.map(({ valueCount, nullCount, byteArrayBytes }) =>
        width === null ? (byteArrayBytes ?? 0) : (valueCount - nullCount) * width,
      )
    }),
  )
}

/** Parquet's names, as they are read from the footers of other files. */
function codecNames(chunks: readonly WrittenChunk[]): string {
  const names = new Set(chunks.map(({ codec }) => codec))
  return [...names].toSorted((a, b) => a.localeCompare(b)).join(', ')
}
