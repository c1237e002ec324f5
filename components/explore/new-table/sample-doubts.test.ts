import { expect, it } from 'vitest'
import { changeColumnType } from '@/lib/changes/new-table/draft-columns'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { createParquetEncoder } from '@/lib/scan/output/parquet-encoder'
import { buildAvroBytes } from '@/testing/iceberg/avro-bytes'
import { readAvroAsTable } from './from-file/declared-as-table'
import { readFileAsTable } from './from-file/file-as-table'
import { readCsvAsTable, readJsonAsTable } from './from-file/text-as-table'
import type { Filling } from './filling'
import { chosenColumns, chosenKey, sampleDoubts } from './sample-doubts'

/** The doubt about a column after its type was chosen. */
async function doubtAfter({ draft, sample }: Filling, path: string, type: PrimitiveType) {
  const found = [...indexFields(draft.schema)].find(([, field]) => field.path.join('.') === path)
  if (!sample || !found) throw new Error(`there is no ${path}`)
  const chosen = chosenColumns(sample, changeColumnType(draft, found[0], type))
  const columns = [...chosen.values()]
  const counted = (await sample.countMisfits?.(columns)) ?? []
  const misfits = new Map(columns.flatMap((column, i) => (counted[i] ? [[chosenKey(column), counted[i]]] : [])))
  return {
    known: sampleDoubts(sample, chosen, misfits).get(found[0]) ?? null,
    before: sampleDoubts(sample, chosen, new Map()).get(found[0]) ?? null,
  }
}

const rows = Array.from({ length: 300 }, (_, i) => (i === 9 ? 'abc,abc,1.25,007' : `12.5,${i},${i}.5,1`))
rows[200] = '7.5,99999999999999999999,2.5,2'
const csv = async () =>
  (await readCsvAsTable(new File([`quantity,id,price,code\n${rows.join('\n')}\n`], 'a.csv'))).filling

it.each<[string, PrimitiveType, string | null]>([
  ['quantity', 'double', 'decimal(18, 1) is exact; 1 of 300 values is not a number: “abc” in line 11'],
  [
    'quantity',
    'int',
    '300 of 300 values do not fit int: the first one, “12.5” in line 2, is not a whole number such as 1204',
  ],
  [
    'id',
    'long',
    '2 of 300 values do not fit long: the first one, “abc” in line 11, is not a whole number such as 1204',
  ],
  ['id', 'string', null],
  [
    'price',
    'decimal(18, 1)',
    '1 of 300 values does not fit decimal(18, 1): “1.25” in line 11 has more than 1 decimal; decimal(18, 2) holds all decimals',
  ],
  ['price', 'decimal(18, 2)', null],
  ['price', 'float', 'decimal(18, 2) is exact'],
  ['code', 'string', 'digits with leading zeros'],
  ['code', 'int', 'digits with leading zeros, which a number does not keep'],
])('The note at %s is about %s once it is chosen', async (column, type, doubt) => {
  expect((await doubtAfter(await csv(), column, type)).known).toBe(doubt)
})

it('A note about a chosen type is not that about the suggested one before values are counted', async () => {
  expect((await doubtAfter(await csv(), 'quantity', 'int')).before).toBe('looking for values that do not fit')
})

it('Types within nested columns of JSON can be chosen, too', async () => {
  const text = Array.from({ length: 3 }, (_, i) => JSON.stringify({ o: { x: i, tags: ['a', `${i}`] } })).join('\n')
  const filling = await readJsonAsTable(new File([text], 'a.ndjson'))
  expect((await doubtAfter(filling, 'o.x', 'date')).known).toBe(
    '3 of 3 values do not fit date: the first one, “0” in line 1, is a number, not date',
  )
  expect((await doubtAfter(filling, 'o.tags.element', 'int')).known).toBe(
    '3 of 6 values do not fit int: the first one, “a” in line 1, is not a whole number such as 1204',
  )
})

it('The first rows of an Avro file are compared with a chosen type, too', async () => {
  const schema = { type: 'record', name: 'row', fields: [{ name: 'n', type: 'long' }] }
  const bytes = buildAvroBytes(schema, [[{ n: 7n }, { n: 5_000_000_000n }]])
  const filling = await readAvroAsTable(new File([bytes.slice()], 'a.avro'))
  expect((await doubtAfter(filling, 'n', 'int')).known).toBe(
    '1 of 2 values does not fit int: “5000000000” in line 2 is beyond the range of int',
  )
})

it('A file that can no longer be read says so at a chosen type', async () => {
  const { draft, sample } = await csv()
  if (!sample) throw new Error('there is no sample')
  const chosen = chosenColumns(sample, changeColumnType(draft, 1, 'int'))
  const misfits = new Map([...chosen.values()].map((column) => [chosenKey(column), new Error('It was moved.')]))
  expect(sampleDoubts(sample, chosen, misfits).get(1)).toBe('whether its values fit is not known: It was moved.')
})

it('Of a file whose values are not read, only its type is known', async () => {
  const encoder = createParquetEncoder([
    { id: 1, name: 'id', required: false, type: 'long' },
    { id: 2, name: 'none', required: false, type: 'unknown' },
  ])
  const file = new File([Buffer.concat([encoder.start(), encoder.end()])], 'a.parquet')
  const filling = await readFileAsTable(file, 'UTC')
  expect((await doubtAfter(filling, 'id', 'int')).known).toBe('the file has long')
  expect((await doubtAfter(filling, 'none', 'int')).known).toBe(
    'the file suggests string: has only nulls, so string is a guess',
  )
})
