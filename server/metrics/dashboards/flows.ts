import 'server-only'
import type { Flow, IngestionSplit, Series } from '@/lib/contract/dashboards'
import type { LakeCommit } from '@/lib/contract/shapes/lake'
import { namespaceLabel } from '@/lib/names/identifiers'
import { sum } from '@/lib/sum'
import { type Span, stepIndex, stepStarts } from './span'

/** Series with a color of their own; all others are combined into one. */
const MAX_SERIES = 6
const OTHER = 'other'

const METRICS: readonly (keyof Flow)[] = ['rows', 'bytes', 'files', 'commits']
const NO_FLOW: Flow = { rows: 0, bytes: 0, files: 0, commits: 0 }

export type Flows = { series: Series[]; buckets: { startMs: number; values: Flow[] }[] }

/**
 * Groups the commits of a span into flows per step, split by a dimension. The charts of all metrics share their series
 * and colours, so the six that are named are those with the largest share of any chart: a table with few rows is named
 * when it has most of the bytes. The others are combined. Labels of tables begin with their catalog when the series are
 * of several.
 *
 * @param metrics those that have a chart
 */
export function toFlows(
  commits: readonly LakeCommit[],
  span: Span,
  by: IngestionSplit,
  metrics: readonly (keyof Flow)[] = METRICS,
): Flows {
  const within = commits.filter(({ atMs }) => stepIndex(span, atMs) >= 0)
  const sums = new Map<string, { series: Series; flow: Flow }>()
  for (const commit of within) {
    const series = toSeries(commit, by)
    const known = sums.get(series.key) ?? { series, flow: NO_FLOW }
    sums.set(series.key, { series, flow: addFlows(known.flow, toFlow(commit)) })
  }
  const total = sumFlows(within)
  const largest = [...sums.values()]
    .map(({ series, flow }) => {
      const shares = metrics.map((metric) => (total[metric] === 0 ? 0 : flow[metric] / total[metric]))
      return { series, largestShare: Math.max(...shares), shares: sum(shares) }
    })
    .sort((a, b) => b.largestShare - a.largestShare || b.shares - a.shares)
  const chosen = largest.slice(0, MAX_SERIES).map(({ series }) => series)
  const hasOther = largest.length > MAX_SERIES
  const labelled = labelSeries(chosen)
  const series = hasOther ? [...labelled, { key: OTHER, label: 'Other', table: null }] : labelled
  const indexByKey = new Map(chosen.map(({ key }, index) => [key, index]))

  const buckets = stepStarts(span).map((startMs) => ({ startMs, values: series.map(() => NO_FLOW) }))
  for (const commit of within) {
    const values = buckets[stepIndex(span, commit.atMs)]?.values
    const index = indexByKey.get(toSeries(commit, by).key) ?? MAX_SERIES
    if (values) values[index] = addFlows(values[index] ?? NO_FLOW, toFlow(commit))
  }
  return { series, buckets }
}

/** Tables of different catalogs may share a name. */
function labelSeries(series: readonly Series[]): Series[] {
  const catalogs = new Set(series.flatMap(({ table }) => table?.catalog ?? []))
  if (catalogs.size < 2) return [...series]
  return series.map((one) => (one.table === null ? one : { ...one, label: `${one.table.catalog}.${one.label}` }))
}

/** The combined flow of some commits. */
export function sumFlows(commits: readonly LakeCommit[]): Flow {
  return commits.reduce((sum, commit) => addFlows(sum, toFlow(commit)), NO_FLOW)
}

function toFlow({ addedRows, addedBytes, addedFiles }: LakeCommit): Flow {
  return { rows: addedRows ?? 0, bytes: addedBytes ?? 0, files: addedFiles ?? 0, commits: 1 }
}

function addFlows(a: Flow, b: Flow): Flow {
  return { rows: a.rows + b.rows, bytes: a.bytes + b.bytes, files: a.files + b.files, commits: a.commits + b.commits }
}

function toSeries({ table, operation, writer }: LakeCommit, by: IngestionSplit): Series {
  switch (by) {
    case 'table': {
      const label = `${namespaceLabel(table.namespace)}.${table.table}`
      return { key: JSON.stringify([table.catalog, ...table.namespace, table.table]), label, table }
    }
    case 'operation':
      return { key: operation, label: operation, table: null }
    case 'writer':
      return { key: writer ?? '', label: writer ?? 'unknown', table: null }
  }
}
