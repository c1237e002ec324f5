import 'server-only'

export type MetricsMode = { kind: 'none' | 'counts' | 'full' } | { kind: 'truncate'; length: number }

/** The metrics of columns that manifests store: by column path (`a.b`), and for all other columns. */
export type MetricsModes = { byColumn: Readonly<Record<string, MetricsMode>>; fallback: MetricsMode }
