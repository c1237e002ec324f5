import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import type { AvroCodecs } from '../avro/codecs'
import type { DataFile } from './manifest'
import { writeManifest } from './write-manifest'
import { writeManifestList } from './manifest-list'
import { readTableMetadata } from '../metadata/metadata-json'
import type { PrimitiveType, Schema, Value } from '../schema/types'
import type { PartitionSpec } from '../partitioning/partition-spec'
import { readManifest, readManifestList } from '@/testing/iceberg/read-at-once'

const python = installPyiceberg()
const codecs: AvroCodecs = {
  deflate: (bytes) => deflateRawSync(bytes),
  decompress: (_codec, bytes, maxBytes) => inflateRawSync(bytes, { maxOutputLength: maxBytes }),
}

/** A partition value of each type: in JavaScript, as Python prints it, and as Python creates it. */
const COLUMNS: { type: PrimitiveType; value: Value; pythonRepr: string; arrow: string; pythonValue: string }[] = [
  { type: 'boolean', value: true, pythonRepr: 'True', arrow: 'pa.bool_()', pythonValue: 'True' },
  { type: 'int', value: -5, pythonRepr: '-5', arrow: 'pa.int32()', pythonValue: '-5' },
  {
    type: 'long',
    value: 3051729675574597004n,
    pythonRepr: '3051729675574597004',
    arrow: 'pa.int64()',
    pythonValue: '3051729675574597004',
  },
  { type: 'float', value: 1.5, pythonRepr: '1.5', arrow: 'pa.float32()', pythonValue: '1.5' },
  // Exact as a float too, because PyIceberg 0.12 reads Avro doubles through a float (fastavro reads -0.1 as -0.1).
  { type: 'double', value: -0.25, pythonRepr: '-0.25', arrow: 'pa.float64()', pythonValue: '-0.25' },
  { type: 'date', value: -3, pythonRepr: '-3', arrow: 'pa.date32()', pythonValue: 'date(1969, 12, 29)' },
  { type: 'time', value: 5n, pythonRepr: '5', arrow: "pa.time64('us')", pythonValue: 'time(0, 0, 0, 5)' },
  {
    type: 'timestamp',
    value: -7n,
    pythonRepr: '-7',
    arrow: "pa.timestamp('us')",
    pythonValue: 'datetime(1969, 12, 31, 23, 59, 59, 999993)',
  },
  {
    type: 'timestamptz',
    value: 1700000000000000n,
    pythonRepr: '1700000000000000',
    arrow: "pa.timestamp('us', tz='UTC')",
    pythonValue: 'datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc)',
  },
  { type: 'string', value: 'ü 🦆', pythonRepr: "'ü 🦆'", arrow: 'pa.string()', pythonValue: "'ü 🦆'" },
  {
    type: 'binary',
    value: Uint8Array.of(0, 255),
    pythonRepr: "b'\\x00\\xff'",
    arrow: 'pa.binary()',
    pythonValue: "b'\\x00\\xff'",
  },
  {
    type: 'fixed[4]',
    value: Uint8Array.of(1, 2, 3, 4),
    pythonRepr: "b'\\x01\\x02\\x03\\x04'",
    arrow: 'pa.binary(4)',
    pythonValue: "b'\\x01\\x02\\x03\\x04'",
  },
  {
    type: 'decimal(9, 2)',
    value: -12345n,
    pythonRepr: "Decimal('-123.45')",
    arrow: 'pa.decimal128(9, 2)',
    pythonValue: "Decimal('-123.45')",
  },
  {
    type: 'decimal(9, 2)',
    value: 7n,
    pythonRepr: "Decimal('0.07')",
    arrow: 'pa.decimal128(9, 2)',
    pythonValue: "Decimal('0.07')",
  },
  {
    type: 'decimal(38, 10)',
    value: -1n,
    pythonRepr: "Decimal('-1E-10')",
    arrow: 'pa.decimal128(38, 10)',
    pythonValue: "Decimal('-1E-10')",
  },
]
const schema: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: COLUMNS.map(({ type }, index) => ({ id: index + 1, name: `c ${index}`, required: false, type })),
}
const spec: PartitionSpec = {
  specId: 0,
  fields: COLUMNS.map((_, index) => ({
    sourceId: index + 1,
    fieldId: 1000 + index,
    name: `p ${index}`,
    transform: 'identity',
  })),
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'manifest-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe.skipIf(python === null)('Manifests (skipped without PyIceberg)', () => {
  test.each([2, 3])(
    'written by Lakeshore in format v%d are read by PyIceberg: every type of partition value, every status, every metric',
    (formatVersion) => {
      const file = (name: string, partition: readonly (Value | null)[]): DataFile => ({
        content: 'data',
        filePath: `file:///${name}`,
        fileFormat: 'parquet',
        specId: 0,
        partition,
        recordCount: 10,
        fileSizeBytes: 5_000_000_000,
        sortOrderId: 0,
        equalityIds: null,
        splitOffsets: [4, 4_000_000_000],
        referencedDataFile: null,
        contentOffset: null,
        contentSizeBytes: null,
        firstRowId: null,
        metrics: {
          columnSizesBytes: new Map([[1, 5]]),
          valueCounts: new Map([[1, 10]]),
          nullValueCounts: new Map([[1, 1]]),
          nanValueCounts: new Map([[4, 2]]),
          lowerBounds: new Map([[2, Uint8Array.of(1, 0, 0, 0)]]),
          upperBounds: new Map([[2, Uint8Array.of(2, 0, 0, 0)]]),
        },
      })
      const nulls = COLUMNS.map(() => null)
      const carriedOver = { snapshotId: '12', sequenceNumber: 3, fileSequenceNumber: 4 }
      const { bytes, summary } = writeManifest(
        [
          {
            status: 'added',
            dataFile: file(
              'a',
              COLUMNS.map(({ value }) => value),
            ),
          },
          { status: 'existing', ...carriedOver, dataFile: file('b', nulls) },
          { status: 'deleted', ...carriedOver, dataFile: file('c', nulls) },
        ],
        { formatVersion, content: 'data', schema, spec, snapshotId: '9158179788527662767' },
        codecs,
      )
      const manifestPath = `file://${folder}/m.avro`
      const rowId = formatVersion === 3 ? '9007199254740993' : null
      const manifestFile = { ...summary, manifestPath, sequenceNumber: 9, minSequenceNumber: 3, firstRowId: rowId }
      const head = {
        formatVersion,
        snapshotId: '9158179788527662767',
        parentSnapshotId: null,
        sequenceNumber: 9,
        ...(rowId !== null && { firstRowId: rowId }),
      }
      writeFileSync(path.join(folder, 'm.avro'), bytes)
      writeFileSync(path.join(folder, 'l.avro'), writeManifestList([manifestFile], head, codecs))

      const read = runPython(`
from pyiceberg.manifest import read_manifest_list
from pyiceberg.io.pyarrow import PyArrowFileIO
io = PyArrowFileIO()
[m] = read_manifest_list(io.new_input('file://${folder}/l.avro'))
entries = m.fetch_manifest_entry(io, discard_deleted=False)
report({
  'manifest': [m.sequence_number, m.min_sequence_number, m.added_files_count, m.existing_files_count, m.deleted_files_count, m.added_rows_count],
  'nulls': [p.contains_null for p in m.partitions],
  'entries': [[e.status.name, str(e.snapshot_id), e.sequence_number, e.file_sequence_number, e.data_file.file_path] for e in entries],
  'partition': [repr(v) for v in entries[0].data_file.partition._data],
  'none': [v for e in entries[1:] for v in e.data_file.partition._data if v is not None],
  'file': [entries[0].data_file.record_count, entries[0].data_file.file_size_in_bytes, entries[0].data_file.split_offsets],
  'metrics': [dict(d.items()) for f in [entries[0].data_file] for d in (f.column_sizes, f.value_counts, f.null_value_counts, f.nan_value_counts)],
  'bounds': [repr(entries[0].data_file.lower_bounds[2]), repr(entries[0].data_file.upper_bounds[2])],
})`)
      expect(read).toEqual({
        manifest: [9, 3, 1, 1, 1, 10],
        nulls: COLUMNS.map(() => true),
        entries: [
          ['ADDED', '9158179788527662767', 9, 9, 'file:///a'],
          ['EXISTING', '12', 3, 4, 'file:///b'],
          ['DELETED', '9158179788527662767', 3, 4, 'file:///c'],
        ],
        partition: COLUMNS.map(({ pythonRepr }) => pythonRepr),
        none: [],
        file: [10, 5_000_000_000, [4, 4_000_000_000]],
        metrics: [{ 1: 5 }, { 1: 10 }, { 1: 1 }, { 4: 2 }],
        bounds: ["b'\\x01\\x00\\x00\\x00'", "b'\\x02\\x00\\x00\\x00'"],
      })
    },
  )

  test.each([1, 2])(
    'written by PyIceberg in format v%d are read by Lakeshore: every type of partition value',
    (formatVersion) => {
      const columns = COLUMNS.map(({ arrow }, index) => `('c_${index}', ${arrow})`).join(', ')
      const row = COLUMNS.map(({ pythonValue }, index) => `'c_${index}': ${pythonValue}`).join(', ')
      const results = runPython(`
from datetime import date, time, datetime, timezone
from decimal import Decimal
import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.transforms import IdentityTransform
catalog = SqlCatalog('local', uri='sqlite:///${folder}/v${formatVersion}.db', warehouse='file://${folder}/v${formatVersion}')
catalog.create_namespace('n')
schema = pa.schema([${columns}])
t = catalog.create_table('n.t', schema=schema, properties={'format-version': '${formatVersion}'})
with t.update_spec() as update:
    for i in range(${COLUMNS.length}): update.add_field(f'c_{i}', IdentityTransform(), f'p_{i}')
t.append(pa.Table.from_pylist([{${row}}, {}], schema=schema))
t.delete('c_1 = -5')
t.append(pa.Table.from_pylist([{${row}}], schema=schema))
report({'location': t.metadata_location, 'snapshots': [str(s.snapshot_id) for s in t.metadata.snapshots]})`) as {
        location: string
        snapshots: string[]
      }
      const metadata = readTableMetadata(readFileSync(fileURLToPath(results.location), 'utf8'))
      expect(metadata.formatVersion).toBe(formatVersion)
      expect(metadata.snapshots.map(({ snapshotId }) => snapshotId)).toEqual(results.snapshots)
      const live = metadata.snapshots.map(({ manifestList }) => {
        const location = manifestList ?? ''
        const parts = { specs: metadata.partitionSpecs, schemas: metadata.schemas }
        return readManifestList(readFileSync(fileURLToPath(location)), codecs, { location })
          .flatMap(
            (manifest) =>
              readManifest(readFileSync(fileURLToPath(manifest.manifestPath)), manifest, parts, codecs).entries,
          )
          .filter(({ status }) => status !== 'deleted')
          .sort((a, b) => a.sequenceNumber - b.sequenceNumber)
      })
      const values = COLUMNS.map(({ value }) => value)
      const nulls = COLUMNS.map(() => null)
      const partitions = live.map((entries) => new Set(entries.map(({ dataFile }) => dataFile.partition)))
      expect(partitions).toEqual([new Set([values, nulls]), new Set([nulls]), new Set([nulls, values])])
      const numbers = live.map((entries) => entries.map(({ sequenceNumber }) => sequenceNumber))
      expect(numbers).toEqual(formatVersion === 1 ? [[0, 0], [0], [0, 0]] : [[1, 1], [1], [1, 3]])
    },
  )
})

/** Runs Python code and returns what it reports. */
function runPython(code: string): unknown {
  const program = `
import json, warnings
warnings.filterwarnings('ignore')
def report(result): print(json.dumps(result))
${code}
`
  return JSON.parse(execFileSync(python ?? '', ['-c', program], { encoding: 'utf8' }))
}
