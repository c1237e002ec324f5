import { CODEC_PROPERTY, COMPRESSION_CODECS, codecWriteProblem } from './compression'

/**
 * The table properties Iceberg defines, for looking up and for checking what a person sets. Any other key is the
 * owner's own and may hold any text.
 *
 * Spec: Iceberg documentation, *Configuration*, and the reference implementation's `TableProperties`.
 */

export const PROPERTY_GROUPS = [
  'compression',
  'format',
  'write',
  'distribution',
  'metrics',
  'read',
  'commit',
  'retention',
  'metadata',
] as const
export type PropertyGroup = (typeof PROPERTY_GROUPS)[number]

type PropertyValues =
  | { kind: 'text' }
  | { kind: 'boolean' }
  | { kind: 'choice'; choices: readonly string[] }
  /** Inclusive; null where there is no end. */
  | { kind: 'integer'; min: number; max: number | null }
  /** Above 0 and below 1. */
  | { kind: 'share' }
  /** `none`, `counts`, `full` or `truncate(n)`. */
  | { kind: 'metrics-mode' }

export type TableProperty = {
  /** A name that ends in `.column.` stands for one property of each column: the column's name follows. */
  name: string
  group: PropertyGroup
  /** What holds where the property is not set; null where that differs between engines or there is nothing. */
  default: string | null
  unit: 'bytes' | 'milliseconds' | 'rows' | 'files' | 'columns' | null
  values: PropertyValues
  doc: string
  /** Whether Lakeshore itself acts on it; the others are for the engines that do. */
  isHonoured: boolean
}

type PropertyOptions = Partial<Pick<TableProperty, 'default' | 'unit' | 'isHonoured'>> & { values?: PropertyValues }

function property(group: PropertyGroup, name: string, doc: string, options: PropertyOptions = {}): TableProperty {
  return { name, group, doc, default: null, unit: null, values: { kind: 'text' }, isHonoured: false, ...options }
}

const boolean: PropertyValues = { kind: 'boolean' }
const count: PropertyValues = { kind: 'integer', min: 0, max: null }
const positiveCount: PropertyValues = { kind: 'integer', min: 1, max: null }
const choice = (...choices: string[]): PropertyValues => ({ kind: 'choice', choices })
const bytes = (value: number) => ({ default: String(value), unit: 'bytes', values: positiveCount }) as const
const milliseconds = (value: number) => ({ default: String(value), unit: 'milliseconds', values: count }) as const

const KIB = 1024
const MIB = 1024 * KIB
const DAY_MS = 86_400_000

const fileFormat = choice('parquet', 'avro', 'orc')
const rowLevelMode = choice('copy-on-write', 'merge-on-read')
const isolation = choice('serializable', 'snapshot')
const distribution = choice('none', 'hash', 'range')

export const TABLE_PROPERTIES: readonly TableProperty[] = [
  property('compression', 'write.parquet.compression-codec', 'How the pages of new Parquet files are compressed.', {
    default: 'zstd',
    values: choice(...COMPRESSION_CODECS),
    isHonoured: true,
  }),
  property(
    'compression',
    'write.parquet.compression-level',
    'How hard the codec works: higher is smaller and slower to write.',
    {
      values: { kind: 'integer', min: 0, max: 22 },
      isHonoured: true,
    },
  ),
  property(
    'compression',
    'write.delete.parquet.compression-codec',
    'The codec of delete files, where it should differ from that of data files.',
    {
      values: choice(...COMPRESSION_CODECS),
    },
  ),
  property('compression', 'write.delete.parquet.compression-level', 'The level of that codec.', {
    values: { kind: 'integer', min: 0, max: 22 },
  }),
  property('compression', 'write.avro.compression-codec', 'How the blocks of new Avro data files are compressed.', {
    default: 'gzip',
    values: choice('gzip', 'zstd', 'snappy', 'uncompressed'),
  }),
  property('compression', 'write.avro.compression-level', 'How hard the Avro codec works.', {
    values: { kind: 'integer', min: 0, max: 22 },
  }),
  property('compression', 'write.orc.compression-codec', 'How new ORC files are compressed.', {
    default: 'zlib',
    values: choice('zlib', 'zstd', 'lz4', 'lzo', 'snappy', 'none'),
  }),
  property('compression', 'write.orc.compression-strategy', 'Whether the ORC codec favours speed or size.', {
    default: 'speed',
    values: choice('speed', 'compression'),
  }),

  property('format', 'write.format.default', 'The file format of new data files.', {
    default: 'parquet',
    values: fileFormat,
  }),
  property(
    'format',
    'write.delete.format.default',
    'The file format of new delete files; that of data files where not set.',
    {
      values: fileFormat,
    },
  ),
  property(
    'format',
    'write.parquet.row-group-size-bytes',
    'How large a row group of a Parquet file grows before the next begins.',
    { ...bytes(128 * MIB), isHonoured: true },
  ),
  property('format', 'write.parquet.page-size-bytes', 'How large a page inside a column chunk grows.', bytes(MIB)),
  property('format', 'write.parquet.page-row-limit', 'How many rows a page holds at most.', {
    default: '20000',
    unit: 'rows',
    values: positiveCount,
  }),
  property(
    'format',
    'write.parquet.dict-size-bytes',
    'How large a dictionary grows before the column is written without one.',
    bytes(2 * MIB),
  ),
  property(
    'format',
    'write.parquet.bloom-filter-max-bytes',
    'How large the Bloom filter of a column chunk may be.',
    bytes(MIB),
  ),
  property(
    'format',
    'write.parquet.bloom-filter-enabled.column.',
    'Whether a Bloom filter is written for the column, so that point look-ups skip row groups.',
    {
      values: boolean,
    },
  ),
  property(
    'format',
    'write.parquet.bloom-filter-fpp.column.',
    'The share of look-ups that the column’s Bloom filter may wrongly let through.',
    {
      default: '0.01',
      values: { kind: 'share' },
    },
  ),
  property(
    'format',
    'write.parquet.stats-enabled.column.',
    'Whether row groups and pages carry statistics of the column.',
    { values: boolean },
  ),
  property('format', 'write.orc.stripe-size-bytes', 'How large a stripe of an ORC file grows.', bytes(64 * MIB)),
  property(
    'format',
    'write.orc.block-size-bytes',
    'The file system block size ORC files are laid out for.',
    bytes(256 * MIB),
  ),
  property('format', 'write.orc.bloom.filter.columns', 'Columns that get an ORC Bloom filter, separated by commas.'),
  property(
    'format',
    'write.orc.bloom.filter.fpp',
    'The share of look-ups an ORC Bloom filter may wrongly let through.',
    {
      default: '0.05',
      values: { kind: 'share' },
    },
  ),

  property('write', 'write.target-file-size-bytes', 'The size that new data files aim for.', {
    ...bytes(512 * MIB),
    isHonoured: true,
  }),
  property('write', 'write.delete.target-file-size-bytes', 'The size that new delete files aim for.', bytes(64 * MIB)),
  property('write', 'write.data.path', 'Where data files go; the folder `data` of the table where not set.', {
    isHonoured: true,
  }),
  property(
    'write',
    'write.object-storage.enabled',
    'Puts a hash at the head of data file paths, so that an object store spreads the load.',
    {
      default: 'false',
      values: boolean,
    },
  ),
  property('write', 'write.object-storage.partitioned-paths', 'Keeps partition values in those hashed paths.', {
    default: 'true',
    values: boolean,
  }),
  property('write', 'write.location-provider.impl', 'A Java class that chooses file locations.'),
  property('write', 'write.wap.enabled', 'Lets a writer stage a snapshot for audit before it is published.', {
    default: 'false',
    values: boolean,
  }),
  property(
    'write',
    'write.spark.fanout.enabled',
    'Lets Spark keep a file open for each partition instead of sorting first; uses more memory.',
    {
      default: 'false',
      values: boolean,
    },
  ),
  property(
    'write',
    'write.spark.accept-any-schema',
    'Lets Spark write a data frame whose columns differ from the table’s.',
    {
      default: 'false',
      values: boolean,
    },
  ),
  property('write', 'write.delete.mode', 'Whether DELETE rewrites files or adds delete files.', {
    default: 'copy-on-write',
    values: rowLevelMode,
  }),
  property('write', 'write.update.mode', 'Whether UPDATE rewrites files or adds delete files.', {
    default: 'copy-on-write',
    values: rowLevelMode,
  }),
  property('write', 'write.merge.mode', 'Whether MERGE rewrites files or adds delete files.', {
    default: 'copy-on-write',
    values: rowLevelMode,
  }),
  property('write', 'write.delete.isolation-level', 'What DELETE must not have missed when it commits.', {
    default: 'serializable',
    values: isolation,
  }),
  property('write', 'write.update.isolation-level', 'What UPDATE must not have missed when it commits.', {
    default: 'serializable',
    values: isolation,
  }),
  property('write', 'write.merge.isolation-level', 'What MERGE must not have missed when it commits.', {
    default: 'serializable',
    values: isolation,
  }),
  property('write', 'write.delete.granularity', 'Whether a position delete file covers a partition or one data file.', {
    default: 'partition',
    values: choice('partition', 'file'),
  }),

  property(
    'distribution',
    'write.distribution-mode',
    'How an engine spreads rows over writers: not at all, by partition, or by range of the sort order.',
    {
      values: distribution,
    },
  ),
  property('distribution', 'write.delete.distribution-mode', 'The same for DELETE.', { values: distribution }),
  property('distribution', 'write.update.distribution-mode', 'The same for UPDATE.', { values: distribution }),
  property('distribution', 'write.merge.distribution-mode', 'The same for MERGE.', { values: distribution }),

  property(
    'metrics',
    'write.metadata.metrics.default',
    'Which metrics of a column manifests keep: none, counts, bounds cut to a length, or full bounds.',
    { isHonoured: true, default: 'truncate(16)', values: { kind: 'metrics-mode' } },
  ),
  property('metrics', 'write.metadata.metrics.column.', 'The same for one column.', {
    isHonoured: true,
    values: { kind: 'metrics-mode' },
  }),
  property(
    'metrics',
    'write.metadata.metrics.max-inferred-column-defaults',
    'How many columns get metrics when none are named.',
    {
      default: '100',
      unit: 'columns',
      values: count,
    },
  ),
  property(
    'metrics',
    'write.summary.partition-limit',
    'Writes figures of each partition into the summary when a commit touches fewer partitions than this.',
    {
      default: '0',
      values: count,
    },
  ),

  property(
    'read',
    'read.split.target-size',
    'How many bytes of data an engine gives one task to read.',
    bytes(128 * MIB),
  ),
  property(
    'read',
    'read.split.metadata-target-size',
    'How many bytes of metadata an engine gives one task to read.',
    bytes(32 * MIB),
  ),
  property(
    'read',
    'read.split.planning-lookback',
    'How many open tasks planning considers when it packs files together.',
    {
      default: '10',
      values: positiveCount,
    },
  ),
  property(
    'read',
    'read.split.open-file-cost',
    'What opening a file counts for when files are packed, in bytes.',
    bytes(4 * MIB),
  ),
  property(
    'read',
    'read.split.adaptive-size.enabled',
    'Lets planning choose the split size from the size of the scan.',
    {
      default: 'true',
      values: boolean,
    },
  ),
  property(
    'read',
    'read.parquet.vectorization.enabled',
    'Reads Parquet in batches of columns rather than row by row.',
    {
      default: 'true',
      values: boolean,
    },
  ),
  property('read', 'read.parquet.vectorization.batch-size', 'Rows of such a batch.', {
    default: '5000',
    unit: 'rows',
    values: positiveCount,
  }),
  property('read', 'read.orc.vectorization.enabled', 'Reads ORC in batches of columns.', {
    default: 'false',
    values: boolean,
  }),
  property('read', 'read.orc.vectorization.batch-size', 'Rows of such a batch.', {
    default: '5000',
    unit: 'rows',
    values: positiveCount,
  }),

  property('commit', 'commit.retry.num-retries', 'How often a commit is tried again when another writer was first.', {
    isHonoured: true,
    default: '4',
    values: count,
  }),
  property('commit', 'commit.retry.min-wait-ms', 'The shortest wait before such a try.', milliseconds(100)),
  property('commit', 'commit.retry.max-wait-ms', 'The longest wait before such a try.', milliseconds(60_000)),
  property(
    'commit',
    'commit.retry.total-timeout-ms',
    'How long a commit is tried altogether.',
    milliseconds(1_800_000),
  ),
  property(
    'commit',
    'commit.status-check.num-retries',
    'How often a writer looks whether a commit of unknown outcome happened.',
    {
      default: '3',
      values: count,
    },
  ),
  property(
    'commit',
    'commit.status-check.min-wait-ms',
    'The shortest wait before it looks again.',
    milliseconds(1_000),
  ),
  property(
    'commit',
    'commit.status-check.max-wait-ms',
    'The longest wait before it looks again.',
    milliseconds(60_000),
  ),
  property('commit', 'commit.status-check.total-timeout-ms', 'How long it goes on looking.', milliseconds(1_800_000)),
  property('commit', 'commit.manifest.target-size-bytes', 'The size that merged manifests aim for.', bytes(8 * MIB)),
  property('commit', 'commit.manifest.min-count-to-merge', 'How many small manifests gather before they are merged.', {
    default: '100',
    unit: 'files',
    values: positiveCount,
  }),
  property('commit', 'commit.manifest-merge.enabled', 'Whether commits merge small manifests.', {
    default: 'true',
    values: boolean,
  }),

  property(
    'retention',
    'history.expire.max-snapshot-age-ms',
    'How old a snapshot grows before expiry may remove it.',
    milliseconds(5 * DAY_MS),
  ),
  property(
    'retention',
    'history.expire.min-snapshots-to-keep',
    'How many snapshots of a branch expiry leaves, however old.',
    {
      default: '1',
      values: positiveCount,
    },
  ),
  property(
    'retention',
    'history.expire.max-ref-age-ms',
    'How old a branch or tag grows before expiry may remove it; forever where not set.',
    {
      unit: 'milliseconds',
      values: positiveCount,
    },
  ),
  property('retention', 'gc.enabled', 'Whether maintenance may delete data files of this table at all.', {
    default: 'true',
    values: boolean,
  }),

  property(
    'metadata',
    'write.metadata.path',
    'Where metadata files go; the folder `metadata` of the table where not set.',
    { isHonoured: true },
  ),
  property('metadata', 'write.metadata.compression-codec', 'Whether metadata files are compressed.', {
    isHonoured: true,
    default: 'none',
    values: choice('none', 'gzip'),
  }),
  property('metadata', 'write.metadata.previous-versions-max', 'How many earlier metadata files the table remembers.', {
    default: '100',
    unit: 'files',
    values: positiveCount,
    isHonoured: true,
  }),
  property(
    'metadata',
    'write.metadata.delete-after-commit.enabled',
    'Whether a commit deletes the metadata files that are no longer remembered.',
    {
      default: 'false',
      values: boolean,
    },
  ),
  property(
    'metadata',
    'schema.name-mapping.default',
    'Names by which columns are found in data files that have no field ids, as JSON.',
    { isHonoured: true },
  ),
  property(
    'metadata',
    'compatibility.snapshot-id-inheritance.enabled',
    'Lets v1 tables commit manifests whose entries have no snapshot id.',
    {
      default: 'false',
      values: boolean,
    },
  ),
  property('metadata', 'comment', 'What the table is for, in the owner’s words.'),
  property('metadata', 'owner', 'Who looks after the table.'),
]

export const FORMAT_VERSION_PROPERTY = 'format-version'

/** What metadata already says elsewhere; set as properties they would contradict it. */
const RESERVED_PROPERTIES: readonly string[] = [
  FORMAT_VERSION_PROPERTY,
  'uuid',
  'snapshot-count',
  'current-snapshot-summary',
  'current-snapshot-id',
  'current-snapshot-timestamp-ms',
  'current-schema',
  'default-partition-spec',
  'default-sort-order',
]

export function isReservedProperty(name: string): boolean {
  return RESERVED_PROPERTIES.includes(name)
}

/** The catalogue's entry for a key, also for one column's (`write.metadata.metrics.column.origin`); null for other keys. */
export function findProperty(name: string): TableProperty | null {
  return (
    TABLE_PROPERTIES.find((entry) =>
      entry.name.endsWith('.column.') ? name.startsWith(entry.name) && name !== entry.name : name === entry.name,
    ) ?? null
  )
}

/** Why Lakeshore does not act on this value of a property it obeys otherwise, in words for people; null where it does. */
export function ignoredValueReason(name: string, value: string): string | null {
  return name === CODEC_PROPERTY ? codecWriteProblem(value) : null
}

/** Why a value cannot be set for a property, in words for people, or null where it can. */
export function propertyValueProblem(name: string, value: string): string | null {
  const values = findProperty(name)?.values ?? { kind: 'text' }
  switch (values.kind) {
    case 'text':
      return null
    case 'boolean':
      return value === 'true' || value === 'false' ? null : 'should be true or false'
    case 'choice':
      return values.choices.includes(value) ? null : `should be one of ${values.choices.join(', ')}`
    case 'integer':
      return integerProblem(value, values)
    case 'share':
      return /^0?\.\d+$/.test(value) && Number(value) > 0 ? null : 'should be above 0 and below 1'
    case 'metrics-mode':
      return /^(none|counts|full|truncate\([1-9]\d{0,5}\))$/.test(value)
        ? null
        : 'should be none, counts, full or truncate(length)'
  }
}

function integerProblem(value: string, { min, max }: { min: number; max: number | null }): string | null {
  const number = Number(value)
  const isInRange = Number.isSafeInteger(number) && number >= min && (max === null || number <= max)
  if (/^-?\d+$/.test(value) && isInRange) return null
  return max === null ? `should be a whole number of at least ${min}` : `should be a whole number from ${min} to ${max}`
}
