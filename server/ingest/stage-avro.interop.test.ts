import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Type } from '@/lib/iceberg/schema/types'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { column, createTestStaging } from '@/testing/ingest/test-staging'

const pyspark = installPyspark()
const pyiceberg = installPyiceberg()
const { stage, rejects, rows, file } = createTestStaging()

const record = (fields: Record<string, unknown>, name: string) => ({
  type: 'record',
  name,
  namespace: 'org.example',
  fields: Object.entries(fields).map(([key, type]) => ({ name: key, type })),
})

const map = (key: Type, value: Type): Type => ({
  type: 'map',
  keyId: 91,
  key,
  valueId: 92,
  value,
  valueRequired: false,
})

/** Each line of JSON in Avro's own encoding becomes a record. */
const WRITE_WITH_JAVA = `import sys
from pyspark.java_gateway import launch_gateway
schema_path, rows_path, *targets = sys.argv[1:]
jvm = launch_gateway().jvm
avro = jvm.org.apache.avro
schema = avro.Schema.Parser().parse(jvm.java.io.File(schema_path))
reader = avro.generic.GenericDatumReader(schema)
for target in targets:
    writer = avro.file.DataFileWriter(avro.generic.GenericDatumWriter(schema))
    writer.setCodec(avro.file.CodecFactory.fromString(target.rsplit('.', 1)[1]))
    writer.setSyncInterval(128)
    writer.create(schema, jvm.java.io.File(target))
    for line in open(rows_path, encoding='utf8'):
        writer.append(reader.read(None, avro.io.DecoderFactory.get().jsonDecoder(schema, line)))
    writer.close()`
const CODECS = ['null', 'deflate', 'snappy', 'zstandard']

describe.skipIf(pyspark === null)('An Avro file that Java wrote (skipped without PySpark)', () => {
  const logical = (type: string, logicalType: string, more: object = {}) => ({ type, logicalType, ...more })
  const schema = record(
    {
      id: 'long',
      color: { type: 'enum', name: 'color', symbols: ['RED', 'BLUE'] },
      day: ['null', logical('int', 'date')],
      clock: logical('long', 'time-micros'),
      at: logical('long', 'timestamp-millis'),
      local: logical('long', 'local-timestamp-micros'),
      amount: logical('bytes', 'decimal', { precision: 10, scale: 3 }),
      ratio: ['double', 'null'],
      share: 'float',
      mixed: ['null', 'string', 'long'],
      tags: { type: 'array', items: ['null', 'string'] },
      counts: { type: 'map', values: 'long' },
      point: ['null', record({ x: 'int', next: ['null', record({ y: 'string' }, 'inner')] }, 'point')],
      other: ['null', 'point'],
      digest: { type: 'fixed', name: 'digest', size: 3 },
      same: 'digest',
    },
    'row',
  )
  const lines = Array.from({ length: 300 }, (_, i) => ({
    id: i,
    color: i % 2 === 0 ? 'RED' : 'BLUE',
    day: i % 3 === 0 ? null : { int: i - 100 },
    clock: i * 1_000_001,
    at: i * 86_399_999,
    local: -i,
    amount: '\u0004\u00d2',
    ratio: i % 5 === 0 ? null : { double: i / 7 },
    share: 0.5 * i,
    mixed: [null, { string: `text ${i}` }, { long: i }][i % 3],
    tags: Array.from({ length: i % 4 }, (__, item) => (item === 1 ? null : { string: `ü${item}` })),
    counts: i % 2 === 0 ? { 'a "key"': i } : {},
    point: i % 4 === 0 ? null : { 'org.example.point': { x: i, next: { 'org.example.inner': { y: `${i}` } } } },
    other: { 'org.example.point': { x: -i, next: null } },
    digest: '\u0000\u00ff\u0041',
    same: '\u0001\u0002\u0003',
  }))
  const point = (id: number): Type => ({
    type: 'struct',
    fields: [
      column(id, 'x', 'int'),
      column(id + 1, 'next', { type: 'struct', fields: [column(id + 2, 'y', 'string')] }),
    ],
  })
  const fields = [
    column(1, 'id', 'long', true),
    column(2, 'color', 'string'),
    column(3, 'day', 'date'),
    column(4, 'clock', 'time'),
    column(5, 'at', 'timestamptz'),
    column(6, 'local', 'timestamp'),
    column(7, 'amount', 'decimal(10, 3)'),
    column(8, 'ratio', 'double'),
    column(9, 'share', 'float'),
    column(10, 'mixed', 'string'),
    column(11, 'tags', { type: 'list', elementId: 90, element: 'string', elementRequired: false }),
    column(12, 'counts', map('string', 'long')),
    column(13, 'point', point(20)),
    column(14, 'other', point(30)),
    column(15, 'digest', 'binary'),
    column(16, 'same', 'binary'),
  ]
  const iso = (ms: number) => new Date(ms).toISOString()

  beforeAll(() => {
    const [schemaPath, rowsPath] = [file('row.avsc'), file('rows.jsonl')]
    writeFileSync(schemaPath, JSON.stringify(schema))
    writeFileSync(rowsPath, lines.map((line) => JSON.stringify(line)).join('\n'))
    const targets = CODECS.map((codec) => file(`java.${codec}`))
    execFileSync(pyspark ?? '', ['-c', WRITE_WITH_JAVA, schemaPath, rowsPath, ...targets], { stdio: 'pipe' })
  }, 120_000)

  it.each(CODECS)('with %s is loaded with every value', async (codec) => {
    const staged = await stage('avro', readFileSync(file(`java.${codec}`)), fields, { maxRejectedRows: 100 })
    const select = `id::DOUBLE, color, day::VARCHAR, epoch_us(clock)::DOUBLE, epoch_ms("at")::DOUBLE, epoch_us("local")::DOUBLE,
      amount::VARCHAR, ratio, share, mixed, to_json(tags)::VARCHAR, to_json(counts)::VARCHAR, to_json(point)::VARCHAR,
      to_json(other)::VARCHAR, hex(digest), hex(same)`
    const loaded = lines.filter((line) => !(line.mixed !== null && line.mixed !== undefined && 'long' in line.mixed))
    expect(await rows(staged, select)).toEqual(
      loaded.map((line) => [
        line.id,
        line.color,
        line.day === null ? null : iso(line.day.int * 86_400_000).slice(0, 10),
        line.clock,
        line.at,
        line.local === 0 ? 0 : line.local,
        '1.234',
        line.ratio === null ? null : line.ratio.double,
        line.share,
        line.mixed && 'string' in line.mixed ? line.mixed.string : null,
        JSON.stringify(line.tags.map((tag) => tag?.string ?? null)),
        JSON.stringify(line.counts),
        line.point === null ? null : JSON.stringify({ x: line.id, next: { y: String(line.id) } }),
        JSON.stringify({ x: line.id === 0 ? 0 : -line.id, next: null }),
        '00FF41',
        '010203',
      ]),
    )
    expect(rejects()).toHaveLength(100)
    expect(rejects()[0]).toEqual({ line: 3, column: 'mixed', value: '2', reason: 'is a number, not string' })
  })
})

const WRITE_WITH_PYICEBERG = `import sys, decimal, uuid
from pyiceberg.avro.file import AvroOutputFile
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.schema import Schema
from pyiceberg.typedef import Record
from pyiceberg.types import *
schema = Schema(
  NestedField(1, 'id', LongType(), required=True),
  NestedField(2, 'key', UUIDType(), required=False),
  NestedField(3, 'amount', DecimalType(38, 9), required=False),
  NestedField(4, 'at', TimestamptzType(), required=False),
  NestedField(5, 'local', TimestampType(), required=False),
  NestedField(6, 'clock', TimeType(), required=False),
  NestedField(7, 'bytes', BinaryType(), required=False),
  NestedField(8, 'names', MapType(9, IntegerType(), 10, StringType()), required=False),
  NestedField(11, 'ratio', DoubleType(), required=False),
)
class Row(Record): pass
rows = [
  Row(1, uuid.UUID('f79c3e09-677c-4bbd-a479-3f349cb785e7'), decimal.Decimal('-12345678901234567890123456789.123456789'), 1, -1, 2, b'\\x00\\xff', {7: 'seven', -1: ''}, float('nan')),
  Row(2**63 - 1, None, None, None, None, None, None, None, None),
]
for codec in ['null', 'gzip', 'zstd']:
    output = PyArrowFileIO().new_output(sys.argv[1] + '.' + codec)
    with AvroOutputFile(output, schema, 'row', metadata={'avro.codec': codec}) as out:
        for row in rows: out.write_block([row])`

describe.skipIf(pyiceberg === null)('An Avro file that PyIceberg wrote (skipped without it)', () => {
  beforeAll(() => {
    execFileSync(pyiceberg ?? '', ['-c', WRITE_WITH_PYICEBERG, file('pyiceberg')], { stdio: 'pipe' })
  })

  it.each(['null', 'gzip', 'zstd'])('with %s is loaded with every value', async (codec) => {
    const staged = await stage('avro', readFileSync(file(`pyiceberg.${codec}`)), [
      column(1, 'id', 'long', true),
      column(2, 'key', 'uuid'),
      column(3, 'amount', 'decimal(38, 9)'),
      column(4, 'at', 'timestamptz'),
      column(5, 'local', 'timestamp'),
      column(6, 'clock', 'time'),
      column(7, 'bytes', 'binary'),
      column(8, 'names', map('int', 'string')),
      column(11, 'ratio', 'double'),
    ])
    const select =
      'id, key::VARCHAR, amount::VARCHAR, "at"::VARCHAR, "local"::VARCHAR, clock::VARCHAR, hex(bytes), to_json(names)::VARCHAR, ratio::VARCHAR'
    expect(await rows(staged, select)).toEqual([
      [
        '1',
        'f79c3e09-677c-4bbd-a479-3f349cb785e7',
        '-12345678901234567890123456789.123456789',
        '1970-01-01 00:00:00.000001+00',
        '1969-12-31 23:59:59.999999',
        '00:00:00.000002',
        '00FF',
        '{"7":"seven","-1":""}',
        'nan',
      ],
      ['9223372036854775807', null, null, null, null, null, null, null, null],
    ])
  })
})
