import { RecordBatchReader } from 'apache-arrow'
import { AppError } from '@/lib/errors'
import { fixedWidthBytes } from '@/lib/iceberg/schema/fixed-width'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import {
  addUnreadableBounds,
  NO_UNREADABLE_BOUNDS,
  type UnreadableBounds,
} from '@/lib/iceberg/metadata/unreadable-bounds'
import { formatBytes } from '@/lib/format/bytes'
import { type LoadCost, ZERO_COST } from '@/lib/query/engine'
import { requireHeldTimes } from '@/lib/query/duckdb/held-times'
import type { Engine } from '@/lib/query/duckdb/engine'

/** Some rows of a metadata table. */
export type MetadataBatch = {
  rowCount: number
  /** An Arrow IPC stream; null when no columns were requested. */
  arrow: Uint8Array | null
  /** In these rows; absent if there are none. */
  unreadableBounds?: UnreadableBounds
}

/** Reads the rows of a metadata table from the server, while it computes them. */
export type MetadataRows = {
  /** @throws {AppError} the server's; cancelled */
  read(names: readonly string[], signal: AbortSignal): AsyncIterable<MetadataBatch>
}

/**
 * Appends rows of a metadata table to a table of DuckDB.
 *
 * @throws {AppError} too-large · cancelled · not-supported for a time that DuckDB cannot hold · as {@link MetadataRows.read}
 */
export async function loadMetadataRows(
  rows: MetadataRows,
  request: {
    names: readonly string[]
    into: string
    rowsNeeded: number
    limitBytes: number
    onUnreadable: (bounds: UnreadableBounds) => void
  },
  engine: Pick<Engine, 'insert'>,
  signal: AbortSignal,
  onProgress: (cost: LoadCost) => void,
): Promise<LoadCost> {
  const { names, into, rowsNeeded, limitBytes, onUnreadable } = request
  const cost = { ...ZERO_COST }
  let unreadable = NO_UNREADABLE_BOUNDS
  let waitingSince = performance.now()
  for await (const { rowCount, arrow, unreadableBounds } of rows.read(names, signal)) {
    const arrivedAt = performance.now()
    cost.fetchMs += arrivedAt - waitingSince
    cost.rowCount += rowCount
    if (unreadableBounds) unreadable = addUnreadableBounds(unreadable, unreadableBounds)
    if (arrow !== null) {
      cost.readBytes += arrow.length
      cost.decodedBytes += arrow.length
      if (cost.decodedBytes > limitBytes) throw metadataTooLargeError(limitBytes)
      for (const batch of RecordBatchReader.from(arrow)) requireHeldTimes(batch)
      await engine.insert(into, arrow)
    }
    waitingSince = performance.now()
    cost.insertMs += waitingSince - arrivedAt
    onProgress(cost)
    if (cost.rowCount >= rowsNeeded) break
  }
  if (unreadable.count > 0) onUnreadable(unreadable)
  return cost
}

/** The number of rows, without any of their values. Throws as {@link MetadataRows.read}. */
export async function countMetadataRows(
  rows: MetadataRows,
  signal: AbortSignal,
  onProgress: (cost: LoadCost) => void,
): Promise<{ rowCount: number; cost: LoadCost }> {
  const cost = { ...ZERO_COST }
  let rowCount = 0
  for await (const batch of rows.read([], signal)) {
    rowCount += batch.rowCount
    onProgress(cost)
  }
  return { rowCount, cost }
}

/** Paths, mostly. */
const TEXT_BYTES = 150
/** Lists have few elements, and maps an entry for each column of the table. */
const LIST_BYTES = 32
const MAP_BYTES = 400

/** About how much memory columns of a metadata table take. */
export function estimateMetadataBytes(fields: readonly NestedField[], rowCount: number): number {
  return rowCount * fields.reduce((sum, { type }) => sum + typicalBytes(type), 0)
}

function typicalBytes(type: Type): number {
  if (typeof type === 'string') return fixedWidthBytes(type) ?? TEXT_BYTES
  switch (type.type) {
    case 'struct':
      return type.fields.reduce((sum, field) => sum + typicalBytes(field.type), 0)
    case 'list':
      return LIST_BYTES
    case 'map':
      return MAP_BYTES
  }
}

function metadataTooLargeError(limitBytes: number): AppError {
  return new AppError(
    'too-large',
    `The columns of this metadata table take more than ${formatBytes(limitBytes)}, which is the limit in a browser. ` +
      'Select fewer columns, or add a limit.',
    { facts: { limitBytes } },
  )
}
