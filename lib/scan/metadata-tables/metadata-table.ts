import type { ListType, MapType, NestedField, PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '../read/row-value'
import type { UnreadableBound } from '@/lib/iceberg/metadata/unreadable-bounds'

/** Values in the order of the requested columns. */
export type MetadataRow = readonly (RowValue | null)[]

/**
 * A table about a table: its snapshots, files and so on. Columns and values are those of Iceberg's Java library, which
 * Spark shows.
 */
export type MetadataTable = {
  fields: readonly NestedField[]
  /** About how many rows there are, by figures that are known before the rows are read. */
  estimatedRowCount: number
  /**
   * The rows, computed as they are read.
   *
   * @param names of the columns to compute, in the order of the result
   * @param report called for each bound whose cell is null because it cannot be shown, before its row
   */
  readRows(names: readonly string[], report: ReportUnreadable): AsyncGenerator<MetadataRow, void>
}

export type ReportUnreadable = (bound: UnreadableBound) => void

/** Computes a column's values from the item of a row. */
export type MetadataColumn<Item> = {
  field: NestedField
  valueOf: (item: Item, report: ReportUnreadable) => RowValue | null
}

/** @param items also gets the names of the requested columns */
export function toMetadataTable<Item>(
  columns: readonly MetadataColumn<Item>[],
  estimatedRowCount: number,
  items: (names: readonly string[]) => AsyncIterable<Item> | Iterable<Item>,
): MetadataTable {
  return {
    fields: columns.map(({ field }) => field),
    estimatedRowCount,
    async *readRows(names, report) {
      const requested = names.flatMap((name) => columns.find(({ field }) => field.name === name) ?? [])
      for await (const item of items(names)) yield requested.map(({ valueOf }) => valueOf(item, report))
    },
  }
}

export function requiredColumn<Item>(
  id: number,
  name: string,
  type: Type,
  valueOf: (item: Item, report: ReportUnreadable) => RowValue,
): MetadataColumn<Item> {
  return { field: { id, name, type, required: true }, valueOf }
}

export function optionalColumn<Item>(
  id: number,
  name: string,
  type: Type,
  valueOf: MetadataColumn<Item>['valueOf'],
): MetadataColumn<Item> {
  return { field: { id, name, type, required: false }, valueOf }
}

export function mapType(keyId: number, key: PrimitiveType, valueId: number, value: PrimitiveType): MapType {
  return { type: 'map', keyId, key, valueId, value, valueRequired: true }
}

export function listType(elementId: number, element: Type): ListType {
  return { type: 'list', elementId, element, elementRequired: true }
}

/** Milliseconds since 1970 as a `timestamptz`. */
export function toMicros(ms: number): bigint {
  return BigInt(ms) * 1000n
}

/** A 64-bit id, which is text in metadata. */
export function toLong(id: string | null | undefined): bigint | null {
  return id === null || id === undefined ? null : BigInt(id)
}

/** A count, which is a number in metadata and a `long` in the tables. */
export function countToLong(count: number | null): bigint | null {
  return count === null ? null : BigInt(count)
}
