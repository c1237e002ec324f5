import 'server-only'
import type { IngestionSplit, Series } from '@/lib/contract/dashboards'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { FactSum } from '@/server/db/facts/fact-sums'
import type { FactWriter } from '@/server/db/facts/fact-writers'
import { toWriterLabel } from './writer-label'

/** Series with a color of their own; all others are combined into one. */
export const MAX_SERIES = 6
export const OTHER: Series = { key: 'other', label: 'Other', table: null }

/** The table, operation and writer of a fact. Null: not known. */
type SeriesSource = Pick<FactSum, 'tableId' | 'operation' | 'writerId'> & { partition?: string }

/** How series are named. */
export type SeriesNames = {
  by: IngestionSplit
  tables: ReadonlyMap<number, TableIdentifier>
  writers: ReadonlyMap<number, FactWriter>
  /** How many sources with an amount there are, of which the largest were read; null: all were. */
  sourceCount?: number | null
}

/** The series with the most, in their order, and where each fact belongs. */
export type IngestionSeries = {
  series: Series[]
  /** The index of the series that counts a fact. */
  indexOf: (source: SeriesSource) => number
}

/**
 * Chooses the six largest series. Labels of tables begin with their catalog when the tables are of several.
 *
 * @param amounts by what they are counted under; zero and less are in no series of their own
 */
export function chooseSeries(
  amounts: readonly { source: SeriesSource; amount: number }[],
  names: SeriesNames,
): IngestionSeries {
  const sums = new Map<string, { series: Series; amount: number }>()
  for (const { source, amount } of amounts) {
    const series = toSeries(source, names)
    sums.set(series.key, { series, amount: (sums.get(series.key)?.amount ?? 0) + amount })
  }
  const largest = [...sums.values()]
    .filter(({ amount }) => amount > 0)
    .sort((a, b) => b.amount - a.amount || (a.series.label < b.series.label ? -1 : 1))
  const chosen = largest.slice(0, MAX_SERIES).map(({ series }) => series)
  const indexByKey = new Map(chosen.map(({ key }, index) => [key, index]))
  return {
    series: [...labelSeries(chosen), ...((names.sourceCount ?? largest.length) > MAX_SERIES ? [OTHER] : [])],
    indexOf: (source) => indexByKey.get(toSeries(source, names).key) ?? chosen.length,
  }
}

/** Tables of different catalogs may share a name. */
function labelSeries(series: readonly Series[]): Series[] {
  const catalogs = new Set(series.flatMap(({ table }) => table?.catalog ?? []))
  if (catalogs.size < 2) return [...series]
  return series.map((one) => (one.table === null ? one : { ...one, label: `${one.table.catalog}.${one.label}` }))
}

function toSeries({ tableId, operation, writerId }: SeriesSource, { by, tables, writers }: SeriesNames): Series {
  switch (by) {
    case 'table': {
      const table = tables.get(tableId ?? 0)
      if (table === undefined) return OTHER
      const label = `${namespaceLabel(table.namespace)}.${table.table}`
      return { key: JSON.stringify([table.catalog, ...table.namespace, table.table]), label, table }
    }
    case 'partition':
      // Facts are not by partition.
      return OTHER
    case 'operation':
      return { key: operation ?? '', label: operation || 'unknown', table: null }
    case 'writer': {
      const label = toWriterLabel(writers.get(writerId ?? 0))
      return { key: label ?? '', label: label ?? 'unknown', table: null }
    }
  }
}
