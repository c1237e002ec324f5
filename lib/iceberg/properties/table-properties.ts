import { COMPRESSION_CODECS } from './compression'

/**
 * The table properties that Iceberg defines, for looking up and for checking what a person sets. Any other key belongs
 * to the table's owner and may have any value.
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
  /** Inclusive; null if there is no maximum. */
  | { kind: 'integer'; min: number; max: number | null }
  /** Above 0 and below 1. */
  | { kind: 'share' }
  /** `none`, `counts`, `full` or `truncate(n)`. */
  | { kind: 'metrics-mode' }

export type TableProperty = {
  /** A name that ends in `.column.` represents one property per column: the column's name follows. */
  name: string
  group: PropertyGroup
  /** The value that applies if the property is not set; null if it differs between engines or there is none. */
  default: string | null
  unit: 'bytes' | 'milliseconds' | 'rows' | 'files' | 'columns' | null
  values: PropertyValues
  doc: string
  /** Whether Lakeshore itself uses it; the others are for other engines. */
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
    'The compression level: higher makes smaller files and slower writes.',
    {
      values: { kind: 'integer', min: 0, max: 22 },
      isHonoured: true,
    },
  ),
  property(
    'compression',
    'write.delete.parquet.compression-codec',
    'The codec of delete files, if different from that of data files.',
    {
      values: choice(...COMPRESSION_CODECS),
    },
  ),
  property('compression', 'write.delete.parquet.compression-level', 'The compression level of delete files.', {
    values: { kind: 'integer', min: 0, max: 22 },
  }),
  property('compression', 'write.avro.compression-codec', 'How the blocks of new Avro data files are compressed.', {
    default: 'gzip',
    values: choice('gzip', 'zstd', 'snappy', 'uncompressed'),
  }),
  property('compression', 'write.avro.compression-level', 'The compression level of the Avro codec.', {
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
    'The file format of new delete files; the same as data files if not set.',
    {
      values: fileFormat,
    },
  ),
  property('format', 'write.parquet.row-group-size-bytes', 'The target size of a row group in a Parquet file.', {
    ...bytes(128 * MIB),
    isHonoured: true,
  }),
  property('format', 'write.parquet.page-size-bytes', 'The target size of a page in a column chunk.', {
    ...bytes(MIB),
    isHonoured: true,
  }),
  property('format', 'write.parquet.page-row-limit', 'The maximum number of rows in a page.', {
    isHonoured: true,
    default: '20000',
    unit: 'rows',
    values: positiveCount,
  }),
  property(
    'format',
    'write.parquet.dict-size-bytes',
    'The maximum size of a dictionary; beyond it the column is written without one.',
    bytes(2 * MIB),
  ),
  property(
    'format',
    'write.parquet.bloom-filter-max-bytes',
    'The maximum size of the Bloom filter of a column chunk.',
    bytes(MIB),
  ),
  property(
    'format',
    'write.parquet.bloom-filter-enabled.column.',
    'Whether a Bloom filter is written for the column, so that point lookups skip row groups.',
    {
      values: boolean,
    },
  ),
  property(
    'format',
    'write.parquet.bloom-filter-fpp.column.',
    'The false-positive rate of the column’s Bloom filter.',
    {
      default: '0.01',
      values: { kind: 'share' },
    },
  ),
  property(
    'format',
    'write.parquet.stats-enabled.column.',
    'Whether row groups and pages have statistics of the column.',
    { values: boolean },
  ),
  property('format', 'write.orc.stripe-size-bytes', 'The target size of a stripe in an ORC file.', bytes(64 * MIB)),
  property(
    'format',
    'write.orc.block-size-bytes',
    'The file system block size for which ORC files are laid out.',
    bytes(256 * MIB),
  ),
  property('format', 'write.orc.bloom.filter.columns', 'The columns with an ORC Bloom filter, separated by commas.'),
  property('format', 'write.orc.bloom.filter.fpp', 'The false-positive rate of ORC Bloom filters.', {
    default: '0.05',
    values: { kind: 'share' },
  }),

  property('write', 'write.target-file-size-bytes', 'The target size of new data files.', {
    ...bytes(512 * MIB),
    isHonoured: true,
  }),
  property('write', 'write.delete.target-file-size-bytes', 'The target size of new delete files.', bytes(64 * MIB)),
  property('write', 'write.data.path', 'Where data files go; the folder `data` of the table if not set.', {
    isHonoured: true,
  }),
  property(
    'write',
    'write.object-storage.enabled',
    'Starts data file paths with a hash, so that an object store spreads the load.',
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
  property('write', 'write.delete.isolation-level', 'Which concurrent changes make a DELETE fail when it commits.', {
    default: 'serializable',
    values: isolation,
  }),
  property('write', 'write.update.isolation-level', 'Which concurrent changes make an UPDATE fail when it commits.', {
    default: 'serializable',
    values: isolation,
  }),
  property('write', 'write.merge.isolation-level', 'Which concurrent changes make a MERGE fail when it commits.', {
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
    'Which column metrics manifests store: none, counts, truncated bounds, or full bounds.',
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
    'Adds figures per partition to the summary of a commit that changes fewer partitions than this.',
    {
      default: '0',
      values: count,
    },
  ),

  property('read', 'read.split.target-size', 'The number of data bytes that one task reads.', bytes(128 * MIB)),
  property(
    'read',
    'read.split.metadata-target-size',
    'The number of metadata bytes that one task reads.',
    bytes(32 * MIB),
  ),
  property(
    'read',
    'read.split.planning-lookback',
    'The number of open tasks that planning considers when it combines files into tasks.',
    {
      default: '10',
      values: positiveCount,
    },
  ),
  property(
    'read',
    'read.split.open-file-cost',
    'The estimated cost of opening a file when files are combined into tasks, in bytes.',
    bytes(4 * MIB),
  ),
  property(
    'read',
    'read.split.adaptive-size.enabled',
    'Lets planning derive the split size from the size of the scan.',
    {
      default: 'true',
      values: boolean,
    },
  ),
  property('read', 'read.parquet.vectorization.enabled', 'Reads Parquet in columnar batches instead of row by row.', {
    default: 'true',
    values: boolean,
  }),
  property('read', 'read.parquet.vectorization.batch-size', 'The number of rows in a Parquet batch.', {
    default: '5000',
    unit: 'rows',
    values: positiveCount,
  }),
  property('read', 'read.orc.vectorization.enabled', 'Reads ORC in columnar batches.', {
    default: 'false',
    values: boolean,
  }),
  property('read', 'read.orc.vectorization.batch-size', 'The number of rows in an ORC batch.', {
    default: '5000',
    unit: 'rows',
    values: positiveCount,
  }),

  property('commit', 'commit.retry.num-retries', 'How often a writer retries a commit after a conflict.', {
    isHonoured: true,
    default: '4',
    values: count,
  }),
  property('commit', 'commit.retry.min-wait-ms', 'The minimum wait before a retry.', milliseconds(100)),
  property('commit', 'commit.retry.max-wait-ms', 'The maximum wait before a retry.', milliseconds(60_000)),
  property(
    'commit',
    'commit.retry.total-timeout-ms',
    'The total time for all attempts of a commit.',
    milliseconds(1_800_000),
  ),
  property(
    'commit',
    'commit.status-check.num-retries',
    'How often a writer checks whether a commit with an unknown outcome succeeded.',
    {
      default: '3',
      values: count,
    },
  ),
  property('commit', 'commit.status-check.min-wait-ms', 'The minimum wait between these checks.', milliseconds(1_000)),
  property('commit', 'commit.status-check.max-wait-ms', 'The maximum wait between these checks.', milliseconds(60_000)),
  property(
    'commit',
    'commit.status-check.total-timeout-ms',
    'The total time for these checks.',
    milliseconds(1_800_000),
  ),
  property('commit', 'commit.manifest.target-size-bytes', 'The target size of merged manifests.', bytes(8 * MIB)),
  property(
    'commit',
    'commit.manifest.min-count-to-merge',
    'The minimum number of small manifests before they are merged.',
    {
      default: '100',
      unit: 'files',
      values: positiveCount,
    },
  ),
  property('commit', 'commit.manifest-merge.enabled', 'Whether commits merge small manifests.', {
    default: 'true',
    values: boolean,
  }),

  property(
    'retention',
    'history.expire.max-snapshot-age-ms',
    'The age at which a snapshot may expire.',
    milliseconds(5 * DAY_MS),
  ),
  property(
    'retention',
    'history.expire.min-snapshots-to-keep',
    'The minimum number of snapshots that a branch keeps, whatever their age.',
    {
      default: '1',
      values: positiveCount,
    },
  ),
  property(
    'retention',
    'history.expire.max-ref-age-ms',
    'The age at which a branch or tag may expire; never if not set.',
    {
      unit: 'milliseconds',
      values: positiveCount,
    },
  ),
  property('retention', 'gc.enabled', 'Whether maintenance may delete files of this table.', {
    default: 'true',
    values: boolean,
  }),

  property(
    'metadata',
    'write.metadata.path',
    'Where metadata files go; the folder `metadata` of the table if not set.',
    { isHonoured: true },
  ),
  property('metadata', 'write.metadata.compression-codec', 'Whether metadata files are compressed.', {
    isHonoured: true,
    default: 'none',
    values: choice('none', 'gzip'),
  }),
  property(
    'metadata',
    'write.metadata.previous-versions-max',
    'The number of earlier metadata files in the metadata log.',
    {
      default: '100',
      unit: 'files',
      values: positiveCount,
      isHonoured: true,
    },
  ),
  property(
    'metadata',
    'write.metadata.delete-after-commit.enabled',
    'Whether a commit deletes metadata files that leave the metadata log.',
    {
      default: 'false',
      values: boolean,
    },
  ),
  property(
    'metadata',
    'schema.name-mapping.default',
    'Maps column names to field ids for data files without field ids, as JSON.',
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
  property('metadata', 'owner', 'Who is responsible for the table.'),
]

export const FORMAT_VERSION_PROPERTY = 'format-version'

/** Fields of the metadata. Set as properties, they would contradict it. */
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

/** The entry for a key, also for one column's (`write.metadata.metrics.column.origin`); null for other keys. */
export function findProperty(name: string): TableProperty | null {
  return (
    TABLE_PROPERTIES.find((entry) =>
      entry.name.endsWith('.column.') ? name.startsWith(entry.name) && name !== entry.name : name === entry.name,
    ) ?? null
  )
}

/** Why a value cannot be set for a property, in words for people; null if it can. */
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
  return max === null ? `should be a whole number, at least ${min}` : `should be a whole number from ${min} to ${max}`
}
