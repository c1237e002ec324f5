/**
 * Properties of a table that name a column, and so have to follow its name.
 *
 * Source: `TableProperties` of Iceberg's Java library.
 */
export const COLUMN_METRICS_PREFIX = 'write.metadata.metrics.column.'

export const BLOOM_FILTER_PREFIXES = {
  enabled: 'write.parquet.bloom-filter-enabled.column.',
  falsePositiveRate: 'write.parquet.bloom-filter-fpp.column.',
  distinctCount: 'write.parquet.bloom-filter-ndv.column.',
} as const

const COLUMN_PREFIXES = [
  COLUMN_METRICS_PREFIX,
  ...Object.values(BLOOM_FILTER_PREFIXES),
  'write.parquet.stats-enabled.column.',
] as const

export type ColumnProperty = {
  key: string
  prefix: string
  /** The rest of the path when the key names a column within the named one, from its dot: `.lat`. */
  rest: string
  value: string
}

/** The properties of a column with this dotted name, and of columns within it. */
export function columnProperties(properties: ReadonlyMap<string, string>, column: string): ColumnProperty[] {
  return [...properties].flatMap(([key, value]): ColumnProperty[] => {
    const prefix = COLUMN_PREFIXES.find((one) => key.startsWith(one))
    if (prefix === undefined) return []
    const named = key.slice(prefix.length)
    const isOfColumn = named === column || named.startsWith(`${column}.`)
    return isOfColumn ? [{ key, prefix, rest: named.slice(column.length), value }] : []
  })
}

/** The name of the column that a property of this key is about; null for other properties. */
export function namedColumn(key: string): string | null {
  const prefix = COLUMN_PREFIXES.find((one) => key.startsWith(one))
  return prefix === undefined ? null : key.slice(prefix.length)
}

/**
 * Why a metrics mode cannot be set, as a sentence; null if it can. Once one names a column that is not there, Iceberg's
 * Java library makes no further change of properties.
 */
export function measuredColumnProblem(hasColumn: (name: string) => boolean, key: string): string | null {
  if (!key.startsWith(COLUMN_METRICS_PREFIX)) return null
  const name = key.slice(COLUMN_METRICS_PREFIX.length)
  return hasColumn(name) ? null : `${key}: there is no column ${name}.`
}
