import { COUNT, type PropertyEntry } from './property-entry'

/** Metrics that commits record for columns and partitions. */
export const METRICS_PROPERTIES: readonly PropertyEntry[] = [
  {
    name: 'write.metadata.metrics.default',
    doc: 'Which column metrics manifests store: none, counts, truncated bounds, or full bounds.',
    values: { kind: 'metrics-mode' },
    default: 'truncate(16)',
    since: '0.7.0',
    honouredBy: ['spark', 'flink', 'trino', 'pyiceberg', 'lakeshore'],
  },
  {
    name: 'write.metadata.metrics.column.',
    doc: 'The same for one column.',
    values: { kind: 'metrics-mode' },
    since: '0.7.0',
    honouredBy: ['spark', 'flink', 'trino', 'pyiceberg', 'lakeshore'],
  },
  {
    name: 'write.metadata.metrics.max-inferred-column-defaults',
    doc: 'How many columns get metrics when none are named.',
    values: COUNT,
    default: '100',
    unit: 'columns',
    since: '0.14.0',
    honouredBy: ['spark', 'flink'],
  },
  {
    name: 'write.summary.partition-limit',
    doc: 'Adds figures per partition to the summary of a commit that changes fewer partitions than this.',
    values: COUNT,
    default: '0',
    since: '0.10.0',
    honouredBy: ['spark', 'flink', 'trino', 'pyiceberg'],
  },
]
