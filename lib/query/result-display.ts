export const RESULT_VIEWS = ['grid', 'chart', 'both'] as const
export type ResultView = (typeof RESULT_VIEWS)[number]

export const CHART_KINDS = ['line', 'bar', 'scatter', 'histogram'] as const
export type ChartKind = (typeof CHART_KINDS)[number]

/** How several rows with the same value of X become one point. */
export const AGGREGATIONS = ['sum', 'mean', 'min', 'max', 'count'] as const
export type Aggregation = (typeof AGGREGATIONS)[number]

/** The most series of a chart, and so the most measures. */
export const MAX_SERIES = 6
export const MAX_COLUMN_NAME_CHARS = 1000

/** The columns that a chart shows, by name, so that it survives an edit of the statement. */
export type NamedChart = {
  kind: ChartKind
  x: string
  /** Empty for a histogram. */
  y: string[]
  /** Each value of this column is a series; null for a series per measure. */
  series: string | null
  /** Null for the usual one of the type of the measures. */
  aggregation: Aggregation | null
}

/** How the result of a statement is shown. `chart` is null until the user chooses one. */
export type ResultDisplay = { view: ResultView; chart: NamedChart | null }

export const DEFAULT_DISPLAY: ResultDisplay = { view: 'grid', chart: null }

export function isUsualDisplay({ view, chart }: ResultDisplay): boolean {
  return view === DEFAULT_DISPLAY.view && chart === null
}
