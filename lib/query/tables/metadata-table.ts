import { isMetadataTableName, type MetadataTableName } from '@/lib/iceberg/metadata/metadata-table-names'

/** A name that may refer to a metadata table: which one, and the name of the table that it describes. */
export type MetadataTableReference = {
  name: MetadataTableName
  table: readonly string[]
  /** Whether it is written with a dollar sign, as in Trino, which no other table's name has. */
  hasDollar: boolean
}

/** The metadata table of `demo.flights$snapshots` or `demo.flights.snapshots`; null for any other name. */
export function parseMetadataTable(parts: readonly string[]): MetadataTableReference | null {
  const last = parts.at(-1) ?? ''
  const dollar = last.lastIndexOf('$')
  const hasDollar = dollar > 0
  const name = (hasDollar ? last.slice(dollar + 1) : last).toLowerCase()
  const table = hasDollar ? [...parts.slice(0, -1), last.slice(0, dollar)] : parts.slice(0, -1)
  return isMetadataTableName(name) && table.length >= 2 ? { name, table, hasDollar } : null
}
