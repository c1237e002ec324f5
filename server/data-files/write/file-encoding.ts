import 'server-only'
import { fixedWidthBytes } from '@/lib/iceberg/schema/fixed-width'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { WrittenChunk, WrittenRowGroup } from '@/lib/parquet/write/file-metadata'
import { sum } from '@/lib/sum'
import { pageCodecs } from '@/server/parquet/page-codecs'
import type { FileLayout } from '@/server/parquet/transcode/column-layout'
import { pageCompressors } from '@/server/parquet/transcode/page-compressors'
import { LAYOUT_KEY, layoutRecord } from '@/server/parquet/transcode/recorded-layout'
import type { TranscodedFile, TranscodeOptions } from '@/server/parquet/transcode/transcoding'
import { chunkPathOf, type LeafColumn, listLeafColumns, toFileMetrics } from '../measure/file-metrics'
import type { MetricsModes } from '../measure/metrics-modes'
import { PLAIN_BYTES_KEY } from '../measure/plain-bytes-key'
import type { StagedFile } from './staged-file'

const PLAIN_BYTES_DIGITS = 16

export type EncodedFile = Pick<StagedFile, 'recordCount' | 'fileSizeBytes' | 'metrics' | 'splitOffsets' | 'sizes'>

/** The columns of the file, how they are written and measured, and the program that the file names. */
export type EncodeSettings = { schema: Schema; layout: FileLayout; metrics: MetricsModes; createdBy?: string }

/**
 * How the files of a table are encoded and measured. It marks nanoseconds with a zone as UTC, for which DuckDB has no
 * type: DuckDB would read marked columns as microseconds, so it must not read the files.
 */
export class FileEncoding {
  readonly #leaves: readonly LeafColumn[]
  readonly #layoutRecord: string
  /** For all files. */
  readonly options: TranscodeOptions

  constructor({ schema, layout, metrics, createdBy }: EncodeSettings) {
    this.#leaves = listLeafColumns(schema, metrics)
    const fieldIds = this.#leaves.map(({ field }) => field.id)
    this.#layoutRecord = layoutRecord(layout, fieldIds)
    const instants = this.#leaves.filter(({ type }) => type === 'timestamptz_ns')
    this.options = {
      layout,
      codecs: pageCodecs,
      compressors: pageCompressors,
      instantFieldIds: new Set(instants.map(({ field }) => field.id)),
      ...(createdBy !== undefined && { createdBy }),
    }
  }

  /** @param write writes one file with the options, and measures its values */
  async encode(write: (options: TranscodeOptions) => Promise<TranscodedFile>): Promise<EncodedFile> {
    const leaves = this.#leaves
    let plainBytes = 0
    const written = await write({
      ...this.options,
      keyValues: (rowGroups) => {
        plainBytes = countPlainBytes(groupChunks(leaves, rowGroups))
        return {
          [PLAIN_BYTES_KEY]: String(plainBytes).padStart(PLAIN_BYTES_DIGITS, '0'),
          [LAYOUT_KEY]: this.#layoutRecord,
        }
      },
    })
    const { fileSizeBytes, rowCount, rowGroups, leaves: measured } = written
    const columns = groupChunks(leaves, rowGroups)
    const total = (bytesOf: (chunk: WrittenChunk) => number) =>
      sum(columns.flatMap(({ chunks }) => chunks.map((chunk) => bytesOf(chunk))))
    const isCounted = ({ mode }: LeafColumn) => mode.kind !== 'none'
    return {
      recordCount: rowCount,
      fileSizeBytes,
      splitOffsets: rowGroups.map(({ startOffset }) => startOffset),
      metrics: {
        ...toFileMetrics(leaves, measured),
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
}

type LeafChunks = { leaf: LeafColumn; chunks: readonly WrittenChunk[] }

/** The chunks of each column in all row groups. */
function groupChunks(leaves: readonly LeafColumn[], rowGroups: readonly WrittenRowGroup[]): LeafChunks[] {
  const byPath = Map.groupBy(
    rowGroups.flatMap(({ columns }) => columns),
    ({ path }) => chunkPathOf(path),
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
