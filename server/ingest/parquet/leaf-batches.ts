import 'server-only'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { DECODE_LIMITS, toMebibytes } from '@/lib/parquet/decode-limits'
import { DamagedParquet, OversizedParquet } from '@/lib/parquet/errors'
import type { ParquetFooter } from '@/lib/parquet/footer'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { ChunkPages } from '@/lib/scan/chunk-pages'
import { selectLevels } from '@/lib/scan/read/leaf-spans'
import { readLeafVector } from '@/lib/scan/read/leaf-vector'
import type { Vector } from '@/lib/scan/read/vector'
import { pageCodecs } from '@/server/parquet/page-codecs'

/** The values of some rows of a column, from the row with the number `firstRow`, which counts from 0. */
export type LeafBatch = { firstRow: number; values: Vector }

/** Rows that are decoded at a time. */
const BATCH_ROWS = 65_536

/**
 * Reads a whole column of a Parquet file with Lakeshore's own reader, in the order of the rows.
 *
 * @param node a column that is not nested
 * @throws {DamagedParquet | OversizedParquet}; errors of the source
 */
export async function* readLeafBatches(
  source: ByteSource,
  { rowGroups }: ParquetFooter,
  node: SchemaNode,
): AsyncGenerator<LeafBatch, void> {
  for (const group of rowGroups) {
    const chunk = group.columns[node.leaf?.index ?? 0]
    if (!chunk) throw new DamagedParquet('a row group lacks a column')
    const pages = new ChunkPages(node, chunk, group, { codecs: pageCodecs, readsWhole: true })
    const stored: Uint8Array[] = []
    const reserveStored = createBudget()
    for (const { start, end } of pages.missingSpans(0, group.rowCount)) {
      reserveStored(end - start)
      stored.push(await source.read(start, end))
    }
    pages.accept(0, group.rowCount, stored, createBudget())
    for (let from = 0; from < group.rowCount; from += BATCH_ROWS) {
      const to = Math.min(group.rowCount, from + BATCH_ROWS)
      const reserveMemory = createBudget()
      const levels = selectLevels(node, pages.pages(from, to, reserveMemory), from, to)
      yield { firstRow: group.firstRow + from, values: readLeafVector(levels, 0, reserveMemory) }
      pages.releaseBefore(to)
    }
  }
}

function createBudget(): (bytes: number) => void {
  let remainingBytes = DECODE_LIMITS.decodedBytes
  return (bytes) => {
    remainingBytes -= bytes
    if (remainingBytes < 0)
      throw new OversizedParquet(`a column takes more than ${toMebibytes(DECODE_LIMITS.decodedBytes)} of memory`)
  }
}
