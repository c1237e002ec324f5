import { RecordBatchReader } from 'apache-arrow'
import { AppError } from '@/lib/errors'
import type { HistoryOrder } from '@/lib/facts/history-table-names'
import { fixedWidthBytes } from '@/lib/iceberg/schema/fixed-width'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import {
  addUnreadableBounds,
  NO_UNREADABLE_BOUNDS,
  type UnreadableBounds,
} from '@/lib/iceberg/metadata/unreadable-bounds'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount } from '@/lib/format/count'
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
  /**
   * @param rowsNeeded the first rows that are enough; the server may return more
   * @throws {AppError} the server's; cancelled
   */
  read(names: readonly string[], signal: AbortSignal, rowsNeeded: number): AsyncIterable<MetadataBatch>
  /** Set for rows that are others whenever they are read, so that no two reads belong together. */
  live?: LiveRows
}

/** Rows of which the server selects some. */
export type LiveRows = {
  /** More are refused. */
  maxRows: number
  /** Whether there are as many rows as the scan says, or more than `maxRows`; otherwise that is an estimate. */
  isExact: boolean
  /** The column by which rows can be ordered; null if there is none. */
  timeColumn: string | null
  /**
   * @param options.isCounted whether all rows are needed, so that their number matters
   * @throws {AppError} as {@link MetadataRows.read}, and invalid-request for a filter that the server does not accept
   */
  select(
    selection: RowSelection,
    options: { signal: AbortSignal; isRetry: boolean; isCounted: boolean },
  ): Promise<SelectedRows>
}

/** The rows that pass a filter, as JSON, in an order. */
export type RowSelection = { where: string | null; order: HistoryOrder }

/** @property rowCount null: not counted */
export type SelectedRows = { rowCount: number | null; metadataRows: MetadataRows }

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
  for await (const { rowCount, arrow, unreadableBounds } of rows.read(names, signal, rowsNeeded)) {
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
  for await (const batch of rows.read([], signal, Number.POSITIVE_INFINITY)) {
    rowCount += batch.rowCount
    onProgress(cost)
  }
  return { rowCount, cost }
}

/** Paths, mostly. */
const TEXT_BYTES = 150
/** Names, mostly. */
const LIVE_TEXT_BYTES = 24
/** Lists have few elements, and maps an entry for each column of the table. */
const LIST_BYTES = 32
const MAP_BYTES = 400

/** About how much memory columns of a metadata table take. */
export function estimateMetadataBytes(
  fields: readonly NestedField[],
  rowCount: number,
  { live }: Pick<MetadataRows, 'live'>,
): number {
  const textBytes = live === undefined ? TEXT_BYTES : LIVE_TEXT_BYTES
  return rowCount * fields.reduce((sum, { type }) => sum + typicalBytes(type, textBytes), 0)
}

function typicalBytes(type: Type, textBytes: number): number {
  if (typeof type === 'string') return fixedWidthBytes(type) ?? textBytes
  switch (type.type) {
    case 'struct':
      return type.fields.reduce((sum, field) => sum + typicalBytes(field.type, textBytes), 0)
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

export function tooManyRowsError(maxRows: number): AppError {
  return new AppError(
    'too-large',
    `The query needs more than ${formatCount(maxRows)} rows of the collected history, which is the limit.`,
    {
      facts: {
        hint: 'Add conditions on the time or the table, or a limit. Only conditions that compare a column with a value are applied before rows are loaded.',
      },
    },
  )
}
