import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { beforeAll, describe, expect, it } from 'vitest'
import { draftOfDeclaration } from '@/lib/changes/new-table/new-table-draft'
import type { Type } from '@/lib/iceberg/schema/types'
import { readArrowFields } from '@/lib/ingest/arrow/arrow-records'
import { declareArrow } from '@/lib/ingest/declared/declare-arrow'
import { toLoadableColumns } from '@/lib/ingest/declared/declared-file'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { column, createTestStaging } from '@/testing/ingest/test-staging'

const python = installPyiceberg()
const { stage, preview, rejects, rows, file } = createTestStaging()

/** Writes each kind of file with 500 rows in batches of 64, so that nulls and offsets are not those of the whole column. */
const WRITE = `import sys, array, decimal, uuid
import pyarrow as pa, pyarrow.feather as feather
decimal.getcontext().prec = 60
n, target = 500, sys.argv[1]
ids = list(range(n))
def some(values, every): return [None if i % every == 0 else value for i, value in enumerate(values)]
D = decimal.Decimal
struct = pa.struct([('x', pa.int8()), ('tags', pa.list_(pa.string()))])
columns = {
  'id': pa.array([2**62 + i for i in ids], pa.int64()),
  'u64': pa.array([2**64 - 1 - i for i in ids], pa.uint64()),
  'i8': pa.array(some([i % 256 - 128 for i in ids], 3), pa.int8()),
  'flag': pa.array(some([i % 2 == 0 for i in ids], 5), pa.bool_()),
  'half': pa.array([i / 4 for i in ids], pa.float32()).cast(pa.float16()),
  'f32': pa.array([i * 0.5 for i in ids], pa.float32()),
  'f64': pa.array([[0.1, -0.0, float('nan'), float('-inf'), 1e300][i % 5] for i in ids], pa.float64()),
  'd128': pa.array(some([D(10) ** 35 + D(i) / 100 for i in ids], 7), pa.decimal128(38, 2)),
  'd256': pa.array([D(-i) for i in ids], pa.decimal256(40, 0)),
  'd32': pa.array([D(i) / 10 for i in ids], pa.decimal32(5, 1)),
  'day': pa.array(some([i - 100 for i in ids], 4), pa.date32()),
  'day64': pa.array([(i - 100) * 86400000 for i in ids], pa.date64()),
  'clock': pa.array([i * 1001 for i in ids], pa.time64('us')),
  'at': pa.array([-i for i in ids], pa.timestamp('us', tz='Europe/Berlin')),
  'ms': pa.array([i for i in ids], pa.timestamp('ms')),
  'ns': pa.array([i for i in ids], pa.timestamp('ns')),
  'text': pa.array(some([f'ü "{i}", \\n' * (i % 4) for i in ids], 6), pa.string()),
  'large': pa.array([f'{i}' for i in ids], pa.large_string()),
  'view': pa.array(some([f'{i} ' * (i % 9) for i in ids], 8), pa.string_view()),
  'bytes': pa.array([bytes([i % 256, 255]) for i in ids], pa.binary()),
  'fixed': pa.array([bytes([i % 256, 0, 1]) for i in ids], pa.binary(3)),
  'key': pa.array([uuid.UUID(int=i).bytes for i in ids], pa.uuid()),
  'color': pa.array(some([['red', 'green', f'c{i // 100}'][i % 3] for i in ids], 10), pa.string()).dictionary_encode(),
  'list': pa.array([None if i % 9 == 0 else [None if j == 1 else j for j in range(i % 4)] for i in ids], pa.list_(pa.int32())),
  'llist': pa.array([[i] * (i % 3) for i in ids], pa.large_list(pa.int64())),
  'vlist': pa.array([[i] * (i % 3) for i in ids], pa.list_view(pa.int64())),
  'pair': pa.array([None if i % 5 == 0 else [i, -i] for i in ids], pa.list_(pa.int32(), 2)),
  'map': pa.array([None if i % 7 == 0 else [(j, f'v{j}') for j in range(i % 3)] for i in ids], pa.map_(pa.int32(), pa.string())),
  'struct': pa.array([None if i % 6 == 0 else {'x': i % 100, 'tags': [str(i)] * (i % 3)} for i in ids], struct),
  'none': pa.nulls(n),
}
table = pa.table(columns)
def write(name, make, options):
    with open(target + name, 'wb') as out, make(out, table.schema, options=options) as writer:
        for batch in table.to_batches(max_chunksize=64): writer.write_batch(batch)
for codec in [None, 'lz4', 'zstd']:
    options = pa.ipc.IpcWriteOptions(compression=codec, emit_dictionary_deltas=False)
    write(f'stream-{codec}', pa.ipc.new_stream, options)
    write(f'file-{codec}', pa.ipc.new_file, options)
write('stream-old', pa.ipc.new_stream, pa.ipc.IpcWriteOptions(use_legacy_format=True, metadata_version=pa.ipc.MetadataVersion.V4))
feather.write_feather(table, target + 'feather', compression='zstd', chunksize=100)
dictionary = lambda values: pa.record_batch({'color': pa.DictionaryArray.from_arrays(pa.array(range(len(values)), pa.int8()), values)})
for name, deltas in [('deltas', True), ('replaced', False)]:
    options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=deltas)
    with open(target + name, 'wb') as out, pa.ipc.new_stream(out, dictionary(['a']).schema, options=options) as writer:
        for values in [['a', 'b'], ['a', 'b', 'c']]: writer.write_batch(dictionary(values))
        if not deltas: writer.write_batch(dictionary(['z']))
odd = pa.table({'id': pa.array([1], pa.int32()), 'age': pa.array([5], pa.duration('s')), 'either': pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1]), pa.array(['x'])]), 'runs': pa.RunEndEncodedArray.from_arrays([1], ['x']), 'month': pa.array([(1, 2, 3)], pa.month_day_nano_interval()), 'last': ['kept']})
with open(target + 'odd', 'wb') as out, pa.ipc.new_file(out, odd.schema) as writer: writer.write_table(odd)
with open(target + 'empty', 'wb') as out, pa.ipc.new_file(out, table.schema) as writer: pass
with open(target + 'rejected', 'wb') as out:
    bad = pa.table({'id': pa.array([1, 2**31, 3, 4], pa.int64()), 'text': pa.Array.from_buffers(pa.string(), 4, [None, pa.py_buffer(array.array('i', [0, 1, 2, 3, 4])), pa.py_buffer(b'ab\\xffd')])})
    with pa.ipc.new_stream(out, bad.schema) as writer: writer.write_table(bad)
`

const list = (id: number, element: Type): Type => ({ type: 'list', elementId: id, element, elementRequired: false })
const FIELDS = [
  column(1, 'id', 'long', true),
  column(2, 'u64', 'decimal(20, 0)'),
  column(3, 'i8', 'int'),
  column(4, 'flag', 'boolean'),
  column(5, 'half', 'float'),
  column(6, 'f32', 'double'),
  column(7, 'f64', 'double'),
  column(8, 'd128', 'decimal(38, 2)'),
  column(9, 'd256', 'long'),
  column(10, 'd32', 'decimal(5, 1)'),
  column(11, 'day', 'date'),
  column(12, 'day64', 'date'),
  column(13, 'clock', 'time'),
  column(14, 'at', 'timestamptz'),
  column(15, 'ms', 'timestamp'),
  column(16, 'ns', 'timestamp_ns'),
  column(17, 'text', 'string'),
  column(18, 'large', 'string'),
  column(19, 'view', 'string'),
  column(20, 'bytes', 'binary'),
  column(21, 'fixed', 'binary'),
  column(22, 'key', 'uuid'),
  column(23, 'color', 'string'),
  column(24, 'list', list(50, 'int')),
  column(25, 'llist', list(51, 'long')),
  column(26, 'vlist', list(52, 'long')),
  column(27, 'pair', list(53, 'int')),
  column(28, 'map', { type: 'map', keyId: 54, key: 'int', valueId: 55, value: 'string', valueRequired: false }),
  column(29, 'struct', { type: 'struct', fields: [column(56, 'x', 'int'), column(57, 'tags', list(58, 'string'))] }),
  column(30, 'none', 'string'),
]

const SELECT = `id::VARCHAR, u64::VARCHAR, i8, flag, half::DOUBLE, f32, f64::VARCHAR, d128::VARCHAR, d256::VARCHAR, d32::VARCHAR,
  (day - DATE '1970-01-01'), (day64 - DATE '1970-01-01'), epoch_us(clock)::DOUBLE, epoch_us("at")::DOUBLE, epoch_ms(ms)::DOUBLE,
  ns::VARCHAR, "text", large, "view", hex(bytes), hex(fixed), key::VARCHAR, color, to_json(list)::VARCHAR,
  to_json(llist)::VARCHAR, to_json(vlist)::VARCHAR, to_json(pair)::VARCHAR, to_json("map")::VARCHAR, to_json(struct)::VARCHAR, "none"`

const some = <Value>(i: number, every: number, value: Value): Value | null => (i % every === 0 ? null : value)
const hex = (byte: number) => byte.toString(16).padStart(2, '0').toUpperCase()

function expectedRow(i: number) {
  const items = Array.from({ length: i % 3 }, () => i)
  const daysAfter = i - 100
  return [
    String(2n ** 62n + BigInt(i)),
    String(2n ** 64n - 1n - BigInt(i)),
    some(i, 3, (i % 256) - 128),
    some(i, 5, i % 2 === 0),
    i / 4,
    i / 2,
    ['0.1', '-0.0', 'nan', '-inf', '1e+300'][i % 5],
    some(i, 7, `${10n ** 35n + BigInt(Math.floor(i / 100))}.${String(i % 100).padStart(2, '0')}`),
    String(i === 0 ? 0 : -i),
    (i / 10).toFixed(1),
    some(i, 4, String(daysAfter)),
    String(daysAfter),
    i * 1001,
    i === 0 ? 0 : -i,
    i,
    `1970-01-01 00:00:00${i === 0 ? '' : `.${String(i).padStart(9, '0').replace(/0+$/, '')}`}`,
    some(i, 6, `ü "${i}", \n`.repeat(i % 4)),
    String(i),
    some(i, 8, `${i} `.repeat(i % 9)),
    `${hex(i % 256)}FF`,
    `${hex(i % 256)}0001`,
    `00000000-0000-0000-0000-${i.toString(16).padStart(12, '0')}`,
    some(i, 10, ['red', 'green', `c${Math.floor(i / 100)}`][i % 3]),
    some(i, 9, JSON.stringify(Array.from({ length: i % 4 }, (_, j) => (j === 1 ? null : j)))),
    JSON.stringify(items),
    JSON.stringify(items),
    some(i, 5, JSON.stringify([i, -i])),
    some(i, 7, JSON.stringify(Object.fromEntries(items.map((_, j) => [j, `v${j}`])))),
    some(i, 6, JSON.stringify({ x: i % 100, tags: items.map(String) })),
    null,
  ]
}

describe.skipIf(python === null)('An Arrow file that pyarrow wrote (skipped if it is not available)', () => {
  const read = (name: string) => readFileSync(file(`arrow-${name}`))
  beforeAll(() => {
    execFileSync(python ?? '', ['-c', WRITE, file('arrow-')], { stdio: 'pipe' })
  })

  it.each(['stream-None', 'stream-lz4', 'stream-zstd', 'file-None', 'file-lz4', 'file-zstd', 'stream-old', 'feather'])(
    'as %s is loaded with every value',
    async (name) => {
      const staged = await stage('arrow', read(name), FIELDS)
      const loaded = await rows(staged, SELECT)
      expect(loaded).toHaveLength(500)
      for (const [i, row] of loaded.entries()) expect(row).toEqual(expectedRow(i))
    },
  )

  it('may have dictionaries that grow, and that are replaced', async () => {
    const color = [column(1, 'color', 'string')]
    const grown = ['a', 'b', 'a', 'b', 'c']
    expect((await rows(await stage('arrow', read('deltas'), color))).flat()).toEqual(grown)
    expect((await rows(await stage('arrow', read('replaced'), color))).flat()).toEqual([...grown, 'z'])
  })

  it('with types that have no form in JSON is refused, unless their fields are ignored', async () => {
    const fields = [column(1, 'id', 'int'), column(2, 'last', 'string')]
    await expect(stage('arrow', read('odd'), fields, { ignoreExtra: true })).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('The field age of the Arrow file'),
    })
    const mapping = { ignoredFields: ['age', 'either', 'runs', 'month'] }
    expect(await rows(await stage('arrow', read('odd'), fields, { mapping }))).toEqual([[1, 'kept']])
  })

  it('without rows is loaded, and one with wrong values loses only their rows', async () => {
    expect((await stage('arrow', read('empty'), FIELDS)).rowsRead).toBe(0)
    const fields = [column(1, 'id', 'int'), column(2, 'text', 'string')]
    const staged = await stage('arrow', read('rejected'), fields, { maxRejectedRows: 2 })
    expect(await rows(staged)).toEqual([
      [1, 'a'],
      [4, 'd'],
    ])
    expect(rejects().map(({ line, reason }) => [line, reason])).toEqual([
      [2, 'is beyond the range of int'],
      [3, 'has a text that is not UTF-8, in text'],
    ])
  })

  it('is loaded whole into the table that its schema declares', async () => {
    const bytes = read('file-zstd')
    const readEnd = async (sizeBytes: number) => bytes.subarray(-sizeBytes)
    const declared = declareArrow(await readArrowFields(Readable.from([bytes]), { name: 'file', readEnd }))
    expect(declared.omitted.map(({ path }) => path)).toEqual(['d256'])
    const { fields } = draftOfDeclaration({ columns: toLoadableColumns(declared.columns) }).schema
    const staged = await stage('arrow', bytes, fields, { mapping: { ignoredFields: ['d256'] } })
    const loaded = await rows(staged, SELECT.replace('d256::VARCHAR', 'NULL').replace('"none"', 'NULL'))
    expect(loaded).toHaveLength(500)
    // The ninth column, which no type holds.
    for (const [i, row] of loaded.entries()) expect(row).toEqual(expectedRow(i).with(8, null))
  })

  it('is previewed', async () => {
    const shown = await preview('arrow', read('feather'), FIELDS, { maxRows: 3 })
    expect(shown).toMatchObject({ rowsRead: 3, rowsRejected: 0 })
    expect(shown.rows[0]?.values.slice(0, 2)).toEqual([String(2n ** 62n), String(2n ** 64n - 1n)])
  })
})
