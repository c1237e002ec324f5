import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { DataFile, FieldSummary, ManifestFile, Metrics } from '@/lib/iceberg/manifest/manifest'
import { writeManifestList } from '@/lib/iceberg/manifest/manifest-list'
import { writeManifest } from '@/lib/iceberg/manifest/write-manifest'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { NestedField, PrimitiveType, Schema, Value } from '@/lib/iceberg/schema/types'
import { deletionVectorBlob } from '@/testing/iceberg/deletion-vector-blob'
import { findRows } from '@/testing/iceberg/find-rows'
import { arbitraryLie, boundsWithLie, isNanBound, type Lie } from '@/testing/iceberg/lying-bounds'
import { plainCodecs } from '@/testing/iceberg/plain-codecs'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { arbitraryValue, COMPARABLE_TYPES, type ComparableType } from '@/testing/iceberg/sample-values'
import { arbitraryPredicate, decide, type Row } from '@/testing/iceberg/sql-predicate'
import { encodeColumns } from '@/testing/parquet/encode-columns'
import { propertyRuns } from '@/testing/property-cases'
import { DELETE_FILE_PATH_ID, POSITION_DELETE_FIELDS } from './deletes/position-deletes'
import type { Predicate } from './predicate/predicate'

/**
 * Random tables whose manifests lie about bounds and counts in ways that contradict themselves or cannot be read. The
 * rows of the product have to be those of a reader that compares every row and applies every delete, word by word from
 * the specification, and reads no bound at all.
 */

type CountLie = 'true' | 'absent' | 'negative' | 'contradictory'
type ColumnLies = { bounds: Lie; values: 'true' | 'absent' | 'negative'; nulls: CountLie; nans: CountLie }
type FileModel = {
  rows: readonly Row[]
  partition: number
  isOldType: boolean
  sequenceNumber: number
  lies: readonly ColumnLies[]
}
type DeleteModel = { partition: number; sequenceNumber: number; lies: readonly ColumnLies[] } & (
  | { kind: 'positions'; rows: readonly { file: number; position: number }[] }
  | { kind: 'vector'; file: number; positions: readonly number[] }
  | { kind: 'keys'; columns: readonly number[]; rows: readonly Row[]; isOldType: boolean; ofFile: number | null }
)
type Sample = {
  columns: readonly Column[]
  isPartitioned: boolean
  partitions: readonly (Value | null)[]
  files: readonly FileModel[]
  deletes: readonly DeleteModel[]
  summaryLies: readonly { bounds: Lie; nans: CountLie }[]
  isOneManifest: boolean
  predicate: Predicate
}
/** A column with the type that older files have. */
type Column = { type: ComparableType; oldType: ComparableType; promote: (value: Value) => Value }

const unchanged = (value: Value) => value
const COLUMNS: readonly Column[] = [
  ...COMPARABLE_TYPES.map((type) => ({ type, oldType: type, promote: unchanged })),
  { type: 'long', oldType: 'int', promote: (value) => BigInt(Number(value)) },
  { type: 'double', oldType: 'float', promote: unchanged },
  { type: 'timestamp', oldType: 'date', promote: (value) => BigInt(Number(value)) * 86_400_000_000n },
]

const countLie = fc.constantFrom<CountLie>('true', 'true', 'absent', 'negative', 'contradictory')
const columnLies: fc.Arbitrary<ColumnLies> = fc.record({
  bounds: arbitraryLie,
  values: fc.constantFrom('true', 'true', 'absent', 'negative'),
  nulls: countLie,
  nans: countLie,
})
const sequenceNumber = fc.integer({ min: 1, max: 3 })
const MAX_FILES = 3

const samples: fc.Arbitrary<Sample> = fc
  .array(fc.constantFrom(...COLUMNS), { minLength: 1, maxLength: 2 })
  .chain((columns) => {
    const row = fc.tuple(...columns.map(({ oldType }) => fc.option(arbitraryValue(oldType), { freq: 4 })))
    const rows = fc.array(row, { minLength: 1, maxLength: 5 })
    const partition = fc.nat(1)
    const lies = fc.array(columnLies, { minLength: columns.length, maxLength: columns.length })
    const common = { partition, sequenceNumber, lies }
    const keyColumns = [...columns.keys()].filter((i) => !['float', 'double'].includes(columns[i]?.type ?? ''))
    const positions = fc.record({
      ...common,
      kind: fc.constant('positions' as const),
      rows: fc.array(fc.record({ file: fc.nat(MAX_FILES - 1), position: fc.nat(5) }), { minLength: 1, maxLength: 4 }),
    })
    const vectors = fc.record({
      ...common,
      kind: fc.constant('vector' as const),
      file: fc.nat(MAX_FILES - 1),
      positions: fc.uniqueArray(fc.nat(4), { minLength: 1 }),
    })
    const keys = fc.record({
      ...common,
      kind: fc.constant('keys' as const),
      columns: fc.subarray(keyColumns, { minLength: Math.min(1, keyColumns.length) }),
      rows: fc.array(row, { minLength: 1, maxLength: 3 }),
      isOldType: fc.boolean(),
      ofFile: fc.option(fc.nat(MAX_FILES - 1)),
    })
    return fc.record<Sample>({
      columns: fc.constant(columns),
      isPartitioned: fc.boolean(),
      partitions: fc.tuple(...[0, 1].map(() => fc.option(arbitraryValue(columns.at(-1)?.type ?? 'int'), { freq: 4 }))),
      files: fc.array(fc.record({ ...common, rows, isOldType: fc.boolean() }), { minLength: 1, maxLength: MAX_FILES }),
      deletes: fc.array(keyColumns.length === 0 ? fc.oneof(positions, vectors) : fc.oneof(positions, vectors, keys), {
        maxLength: 4,
      }),
      summaryLies: fc.array(fc.record({ bounds: arbitraryLie, nans: countLie }), { minLength: 8, maxLength: 8 }),
      isOneManifest: fc.boolean(),
      predicate: fc.oneof(
        { arbitrary: fc.constant<Predicate>({ kind: 'true' }), weight: 1 },
        { arbitrary: arbitraryPredicate(columns.map(({ type }) => type)), weight: 2 },
      ),
    })
  })
  .map(toValidSample)

/**
 * Rows have the value of their partition, whose column was not promoted, deletes by position name files of their own
 * partition, and deletion vectors are those that a table may have.
 */
function toValidSample(sample: Sample): Sample {
  const { columns, partitions } = sample
  const last = columns.length - 1
  const isPartitioned = sample.isPartitioned && columns[last]?.type === columns[last]?.oldType
  const files = sample.files.map((file) => {
    if (!isPartitioned) return { ...file, partition: 0 }
    return { ...file, rows: file.rows.map((row) => row.with(last, partitions[file.partition] ?? null)) }
  })
  const withVector = new Set<number>()
  const deletes = sample.deletes.flatMap((one): DeleteModel[] => {
    if (one.kind === 'keys') {
      const named = one.ofFile === null ? undefined : files[one.ofFile]
      if (named === undefined) return [{ ...one, partition: isPartitioned ? one.partition : 0 }]
      // Most deletes are of rows that a file has.
      const later = named.sequenceNumber + 1
      return [{ ...one, rows: named.rows.slice(0, 2), partition: named.partition, sequenceNumber: later }]
    }
    if (one.kind === 'positions') {
      const partition = files[one.rows[0]?.file ?? 0]?.partition ?? 0
      const rows = one.rows.filter(({ file }) => files[file]?.partition === partition)
      return rows.length === 0 ? [] : [{ ...one, partition, rows }]
    }
    const file = files[one.file]
    const positions = one.positions.filter((position) => position < (file?.rows.length ?? 0))
    if (!file || positions.length === 0 || withVector.has(one.file)) return []
    withVector.add(one.file)
    const later = Math.max(one.sequenceNumber, file.sequenceNumber)
    return [{ ...one, positions, partition: file.partition, sequenceNumber: later }]
  })
  return { ...sample, isPartitioned, files, deletes }
}

/** The value of a row as the table has it. */
function valueOf({ columns }: Sample, row: Row, index: number): Value | null {
  const [value, column] = [row[index] ?? null, columns[index]]
  return value === null || column === undefined ? value : column.promote(value)
}

function keyOfPartition(sample: Sample, index: number): string {
  const value = sample.partitions[index] ?? null
  const type = sample.columns.at(-1)?.type ?? 'int'
  return !sample.isPartitioned || value === null
    ? ''
    : `=${Buffer.from(encodeSingleValue(type, value)).toString('hex')}`
}

/** Word by word from the Iceberg table spec, *Scan Planning*, *Position Delete Files* and *Equality Delete Files*. */
function isDeleted(sample: Sample, fileIndex: number, position: number): boolean {
  const { files, deletes } = sample
  const file = files[fileIndex]
  if (!file) throw new Error('there is no such file')
  const isSamePartition = (one: DeleteModel) =>
    keyOfPartition(sample, one.partition) === keyOfPartition(sample, file.partition)
  const vector = deletes.find((one) => one.kind === 'vector' && one.file === fileIndex)
  if (vector?.kind === 'vector') {
    if (vector.positions.includes(position)) return true
  } else {
    for (const one of deletes) {
      if (one.kind !== 'positions' || one.sequenceNumber < file.sequenceNumber) continue
      if (one.rows.some((each) => each.file === fileIndex && each.position === position)) return true
    }
  }
  return deletes.some(
    (one) =>
      one.kind === 'keys' &&
      isSamePartition(one) &&
      one.sequenceNumber > file.sequenceNumber &&
      one.rows.some((row) => one.columns.every((i) => isSameKey(sample, i, row, file.rows[position] ?? []))),
  )
}

function isSameKey(sample: Sample, index: number, a: Row, b: Row): boolean {
  const type = sample.columns[index]?.type ?? 'int'
  const [one, other] = [valueOf(sample, a, index), valueOf(sample, b, index)]
  if (one === null || other === null) return one === other
  return Buffer.from(encodeSingleValue(type, one)).equals(encodeSingleValue(type, other))
}

/** They have a common beginning, so that truncated bounds are those of all of them. */
const dataPath = (index: number) => `mem:/é🦆${'ab'.charAt(index % 2)}${index}.parquet`

function writtenType(sample: Sample, index: number, isOldType: boolean): PrimitiveType {
  const column = sample.columns[index]
  return (isOldType ? column?.oldType : column?.type) ?? 'int'
}

function writtenValues(sample: Sample, rows: readonly Row[], index: number, isOldType: boolean): (Value | null)[] {
  return rows.map((row) => (isOldType ? (row[index] ?? null) : valueOf(sample, row, index)))
}

function measure(
  columns: readonly { fieldId: number; type: PrimitiveType; values: readonly (Value | null)[]; lies: ColumnLies }[],
): Metrics {
  const metrics = {
    ...EMPTY_METRICS,
    valueCounts: new Map<number, number>(),
    nullValueCounts: new Map<number, number>(),
    nanValueCounts: new Map<number, number>(),
    lowerBounds: new Map<number, Uint8Array>(),
    upperBounds: new Map<number, Uint8Array>(),
  }
  for (const { fieldId, type, values, lies } of columns) {
    const bounds = boundsWithLie(type, values, lies.bounds)
    if (bounds.lower) metrics.lowerBounds.set(fieldId, bounds.lower)
    if (bounds.upper) metrics.upperBounds.set(fieldId, bounds.upper)
    const nullCount = values.filter((value) => value === null).length
    const nanCount = values.filter((value) => Number.isNaN(value)).length
    if (lies.values !== 'absent') metrics.valueCounts.set(fieldId, lies.values === 'true' ? values.length : -1)
    // All values are null, but they have bounds.
    const hasBounds = bounds.lower !== null || bounds.upper !== null
    setCount(metrics.nullValueCounts, fieldId, lies.nulls, {
      count: nullCount,
      lie: hasBounds ? values.length : nullCount,
    })
    if (type !== 'float' && type !== 'double') continue
    // No value is NaN, but a bound is.
    setCount(metrics.nanValueCounts, fieldId, lies.nans, {
      count: nanCount,
      lie: isNanBound(type, bounds) ? 0 : nanCount,
    })
  }
  return metrics
}

function setCount(
  counts: Map<number, number>,
  fieldId: number,
  kind: CountLie,
  { count, lie }: { count: number; lie: number },
): void {
  if (kind !== 'absent') counts.set(fieldId, kind === 'true' ? count : kind === 'negative' ? -1 : lie)
}

function summarize(
  sample: Sample,
  partitions: readonly number[],
  { bounds: lie, nans }: Sample['summaryLies'][number],
) {
  const type = sample.columns.at(-1)?.type ?? 'int'
  const values = partitions.map((index) => sample.partitions[index] ?? null)
  const bounds = boundsWithLie(type, values, lie.startsWith('truncated') ? 'none' : lie)
  const hasNan = values.some((value) => Number.isNaN(value))
  const containsNan =
    nans === 'absent' || nans === 'negative'
      ? null
      : nans === 'contradictory' && isNanBound(type, bounds)
        ? false
        : hasNan
  const summary: FieldSummary = {
    containsNull: values.includes(null),
    containsNan,
    lowerBound: bounds.lower,
    upperBound: bounds.upper,
  }
  return [summary]
}

const SNAPSHOT_ID = '9007199254740993'

/** The files of the table in memory, and its metadata. */
function writeTable(sample: Sample) {
  const { columns, isPartitioned, files, deletes } = sample
  const stored = new Map<string, Uint8Array>()
  const fieldsOf = (isOldType: boolean) =>
    columns.map((_column, i): NestedField => {
      return { id: i + 1, name: `c${i}`, required: false, type: writtenType(sample, i, isOldType) }
    })
  const schema: Schema = { schemaId: 0, identifierFieldIds: [], fields: fieldsOf(false) }
  const spec: PartitionSpec = {
    specId: 0,
    fields: isPartitioned ? [{ sourceId: columns.length, fieldId: 1000, name: 'p', transform: 'identity' }] : [],
  }
  const formatVersion = deletes.some(({ kind }) => kind === 'vector') ? 3 : 2
  const encode = (indexes: readonly number[], rows: readonly Row[], isOldType: boolean) =>
    encodeColumns(
      indexes.map((i) => ({
        field: fieldsOf(isOldType)[i] ?? schema.fields[0] ?? { id: 0, name: '', required: false, type: 'int' },
        values: writtenValues(sample, rows, i, isOldType),
      })),
    )
  const columnsOf = (indexes: readonly number[], model: FileModel | (DeleteModel & { kind: 'keys' })) =>
    indexes.map((i) => ({
      fieldId: i + 1,
      type: writtenType(sample, i, model.isOldType),
      values: writtenValues(sample, model.rows, i, model.isOldType),
      lies: model.lies[i] ?? NO_LIES,
    }))
  const all = [...columns.keys()]
  const toFile = (path: string, partition: number, bytes: Uint8Array, facts: Partial<DataFile>) => {
    stored.set(path, bytes)
    const tuple = isPartitioned ? [sample.partitions[partition] ?? null] : []
    return sampleDataFile(path, { partition: tuple, fileSizeBytes: bytes.length, ...facts })
  }
  const dataEntries = files.map((file, i) => ({
    model: file,
    dataFile: toFile(dataPath(i), file.partition, encode(all, file.rows, file.isOldType), {
      recordCount: file.rows.length,
      metrics: measure(columnsOf(all, file)),
    }),
  }))
  const deleteEntries = deletes.map((model, i) => ({ model, dataFile: writeDelete(model, `mem:/delete-${i}`) }))

  function writeDelete(model: DeleteModel, path: string): DataFile {
    switch (model.kind) {
      case 'positions': {
        const paths = model.rows.map(({ file }) => dataPath(file))
        const values = [paths, model.rows.map(({ position }) => BigInt(position))]
        const bytes = encodeColumns(POSITION_DELETE_FIELDS.map((field, at) => ({ field, values: values[at] ?? [] })))
        const lies = model.lies[0] ?? NO_LIES
        return toFile(path, model.partition, bytes, {
          content: 'position-deletes',
          recordCount: model.rows.length,
          metrics: measure([{ fieldId: DELETE_FILE_PATH_ID, type: 'string', values: paths, lies }]),
        })
      }
      case 'vector': {
        const blob = deletionVectorBlob(model.positions)
        return toFile(path, model.partition, Uint8Array.from([80, 70, 65, 49, ...blob]), {
          content: 'position-deletes',
          fileFormat: 'puffin',
          recordCount: model.positions.length,
          referencedDataFile: dataPath(model.file),
          contentOffset: 4,
          contentSizeBytes: blob.length,
        })
      }
      case 'keys':
        return toFile(path, model.partition, encode(model.columns, model.rows, model.isOldType), {
          content: 'equality-deletes',
          recordCount: model.rows.length,
          equalityIds: model.columns.map((index) => index + 1),
          metrics: measure(columnsOf(model.columns, model)),
        })
    }
  }

  const manifests = (['data', 'deletes'] as const).flatMap((content) => {
    const entries = content === 'data' ? dataEntries : deleteEntries
    const groups = sample.isOneManifest ? [entries] : entries.map((entry) => [entry])
    return groups
      .filter((group) => group.length > 0)
      .map((group, i): ManifestFile => {
        const { bytes, summary } = writeManifest(
          group.map(({ model: { sequenceNumber: number }, dataFile }) => ({
            status: 'existing',
            snapshotId: SNAPSHOT_ID,
            sequenceNumber: number,
            fileSequenceNumber: number,
            dataFile,
          })),
          { formatVersion, content, schema, spec, snapshotId: SNAPSHOT_ID },
          plainCodecs,
        )
        const manifestPath = `mem:/${content}-manifest-${i}`
        stored.set(manifestPath, bytes)
        const lies = sample.summaryLies[i + (content === 'data' ? 0 : 4)] ?? { bounds: 'none', nans: 'true' }
        const partitions = isPartitioned
          ? summarize(
              sample,
              group.map(({ model }) => model.partition),
              lies,
            )
          : []
        const firstRowId = formatVersion === 3 && content === 'data' ? '0' : null
        return { ...summary, partitions, manifestPath, sequenceNumber: 4, minSequenceNumber: 1, firstRowId }
      })
  })
  const list = writeManifestList(
    manifests,
    {
      formatVersion,
      snapshotId: SNAPSHOT_ID,
      parentSnapshotId: null,
      sequenceNumber: 4,
      ...(formatVersion === 3 && { firstRowId: '0' }),
    },
    plainCodecs,
  )
  stored.set('mem:/list', list)
  const snapshot = sampleSnapshot(0, { snapshotId: SNAPSHOT_ID, manifestList: 'mem:/list', schemaId: 0 })
  const metadata = sampleMetadata({
    formatVersion,
    schemas: [schema],
    currentSchemaId: 0,
    partitionSpecs: [spec],
    snapshots: [snapshot],
    currentSnapshotId: SNAPSHOT_ID,
  })
  return { metadata, snapshot, stored }
}

const NO_LIES: ColumnLies = { bounds: 'none', values: 'true', nulls: 'true', nans: 'true' }

/** As the path of their file and their position in it. */
async function findPositions({ metadata, snapshot, stored }: ReturnType<typeof writeTable>, predicate: Predicate) {
  const read = (location: string): Uint8Array => {
    const bytes = stored.get(location)
    if (!bytes) throw new Error(`${location} was not written`)
    return bytes
  }
  const { rows, skippedFiles } = await findRows({ metadata, snapshot, codecs: plainCodecs, read }, predicate, [])
  return { found: rows.map(({ path, position }) => `${path} ${position}`).toSorted(), skippedFiles }
}

const BOTH_NO_VALUE: ColumnLies = { ...NO_LIES, bounds: 'no-value' }
const ONE_TEXT: Sample = {
  columns: [{ type: 'string', oldType: 'string', promote: unchanged }],
  isPartitioned: false,
  partitions: ['äöü', 'äöü'],
  files: [{ rows: [['äöü'], ['b']], partition: 0, isOldType: false, sequenceNumber: 1, lies: [NO_LIES] }],
  deletes: [],
  summaryLies: [],
  isOneManifest: true,
  predicate: { kind: 'eq', column: 'c0', value: 'äöü' },
}

/** Bounds that are not UTF-8: of the paths in a position delete file, of a data file, and of a manifest's partitions. */
const NOT_UTF8: readonly Sample[] = [
  {
    ...ONE_TEXT,
    deletes: [
      { kind: 'positions', rows: [{ file: 0, position: 0 }], partition: 0, sequenceNumber: 2, lies: [BOTH_NO_VALUE] },
    ],
    predicate: { kind: 'true' },
  },
  { ...ONE_TEXT, files: ONE_TEXT.files.map((file) => ({ ...file, lies: [BOTH_NO_VALUE] })) },
  {
    ...ONE_TEXT,
    isPartitioned: true,
    files: ONE_TEXT.files.map((file) => ({ ...file, rows: [['äöü']] })),
    summaryLies: [BOTH_NO_VALUE],
  },
]

it('Bounds and counts that contradict themselves or cannot be read hide no row and no delete, in files of every kind', async () => {
  const runs = propertyRuns(1500)
  let [skipped, found] = [0, 0]
  await fc.assert(
    fc.asyncProperty(samples, async (sample) => {
      const types = sample.columns.map(({ type }) => type)
      const expected = sample.files.flatMap((file, index) =>
        file.rows.flatMap((row, position) => {
          const values = types.map((_type, i) => valueOf(sample, row, i))
          const isShown = decide(sample.predicate, values, types) === true && !isDeleted(sample, index, position)
          return isShown ? [`${dataPath(index)} ${position}`] : []
        }),
      )
      const result = await findPositions(writeTable(sample), sample.predicate)
      skipped += result.skippedFiles
      found += result.found.length
      expect(result.found).toEqual(expected.toSorted())
    }),
    { ...runs, examples: NOT_UTF8.map((sample): [Sample] => [sample]) },
  )
  // Otherwise the property would be true of a reader that skips nothing, or finds nothing.
  expect(skipped).toBeGreaterThan(runs.numRuns / 20)
  expect(found).toBeGreaterThan(runs.numRuns)
})
