import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { findQuestionsIn } from '../preview/load-questions'
import { column, createTestStaging, queryDuckdb } from '@/testing/ingest/test-staging'

/** Numbers that the rows after the first ones show to have two meanings. */

const { stage, rows, file } = createTestStaging()

const FIELDS = [column(1, 'quantity', 'double'), column(2, 'price', 'string')]
/** More than the rows of which pages and the command line ask. */
const WHOLE_COUNT = 1_500

/** Quantities that are whole in the first rows, next to prices. */
const toRows = (price: string, ...quantities: string[]): string[][] => [
  ...Array.from({ length: WHOLE_COUNT }, (_, i) => [String(i), price]),
  ...quantities.map((quantity) => [quantity, price]),
]

const TEXT_FORMATS = ['csv', 'ndjson', 'json', 'parquet'] as const

async function toBytes(
  format: (typeof TEXT_FORMATS)[number],
  texts: readonly string[][],
): Promise<Uint8Array | string> {
  const objects = texts.map(([quantity, price]) => JSON.stringify({ quantity, price }))
  if (format === 'csv') return ['quantity;price', ...texts.map((row) => row.join(';'))].join('\n')
  if (format === 'ndjson') return objects.join('\n')
  if (format === 'json') return `[${objects.join(',\n')}]`
  const values = texts.map((row) => `(${row.map((text) => `'${text}'`).join(', ')})`)
  const path = file('texts.parquet')
  await queryDuckdb(`COPY (FROM (VALUES ${values.join(', ')}) t(quantity, price)) TO '${path}' (FORMAT parquet)`)
  return readFileSync(path)
}

const lineOf = (format: InputFormat) => WHOLE_COUNT + (format === 'csv' ? 2 : 1)

it.each(TEXT_FORMATS)('A %s file stops the load if points may stand between thousands', async (format) => {
  const bytes = await toBytes(format, toRows('1.146,39', '7.500', '12.001'))
  await expect(stage(format, bytes, FIELDS)).rejects.toMatchObject({
    code: 'invalid-request',
    facts: { ambiguous: 'numbers', field: 'quantity', value: '7.500', line: lineOf(format) },
    message: expect.stringMatching(/is 7\.500 if numbers are written as 1234\.56, or 7500 if .*Nothing was loaded\./),
  })
  const read = await rows(await stage(format, bytes, FIELDS, { allowAmbiguousNumbers: true }), 'quantity')
  expect(read.slice(WHOLE_COUNT)).toEqual([[7.5], [12.001]])
})

it('The answer of the user needs no confirmation', async () => {
  const bytes = await toBytes('csv', toRows('1.146,39', '7.500'))
  const csv = { decimalSeparator: ',', groupSeparator: '.' } as const
  const fields = [column(1, 'quantity', 'double'), column(2, 'price', 'decimal(9, 2)')]
  const read = await rows(await stage('csv', bytes, fields, { csv }), 'quantity, price::VARCHAR')
  expect(read.at(-1)).toEqual([7500, '1146.39'])
})

it.each<[string, string, string[]]>([
  ['a decimal that no group explains', '1.146,39', ['7.500', '0.5']],
  ['no group of thousands', '1.146,39', ['7.25']],
  ['only whole numbers', '1.146,39', ['7500']],
  ['decimals with points in the other field', '1146.39', ['7.500']],
  ['no other field that shows how numbers are written', 'a', ['7.500']],
])('A file is loaded with %s', async (_what, price, quantities) => {
  const read = await rows(await stage('csv', await toBytes('csv', toRows(price, ...quantities)), FIELDS), 'quantity')
  expect(read.slice(WHOLE_COUNT)).toEqual(quantities.map((text) => [Number(text)]))
})

it('Other fields with decimal points do not outvote one with decimal commas', async () => {
  const lines = toRows('1.146,39', '7.500').map((row) => [...row, '52.0001', '13.00001'].join(';'))
  const fields = [...FIELDS, column(3, 'lat', 'double'), column(4, 'lon', 'double')]
  const staged = stage('csv', ['quantity;price;lat;lon', ...lines].join('\n'), fields)
  await expect(staged).rejects.toMatchObject({ facts: { ambiguous: 'numbers', field: 'quantity', value: '7.500' } })
})

const AMOUNT = [column(1, 'nr', 'long'), column(2, 'amount', 'double'), column(3, 'rate', 'decimal(9, 3)')]

it.each([
  ['a rejected value of the column', true, ['1;1.234,56;0.5', '2;3.472;0.25'], ['amount', '3.472']],
  ['a rejected value of the column, without a header', false, ['1;3.472;0.5', '2;1.234,56;0.25'], ['column2', '3.472']],
  ['a rejected value of another column', true, ['1;0.5;12,5', '2;0.25;7.500', '3;0.25;n/a'], ['rate', '7.500']],
  [
    'a rejected value of whole numbers',
    true,
    ['1;3.472;0.5', '1.234,56;7.500;0.25', 'n/a;7.500;0.25'],
    ['amount', '3.472'],
  ],
  ['no number that may be meant otherwise', true, ['1;1.234,56;0.5', '2;3.47;0.25', '3;3.472;0.25'], null],
] as const)('The preview and the load ask alike: %s', async (_what, hasHeader, lines, expected) => {
  const text = [...(hasHeader ? ['nr;amount;rate'] : []), ...lines].join('\n')
  const csv = { ...CSV_DEFAULTS, hasHeader }
  const names = Object.fromEntries(AMOUNT.map(({ name }, i) => [name, { field: hasHeader ? name : `column${i + 1}` }]))
  const mapping = { columns: names, ignoredFields: [] }
  const bytes = new TextEncoder().encode(text)
  const schema: Schema = { schemaId: 0, identifierFieldIds: [], fields: AMOUNT }
  const reading = { format: 'csv', csv, mapping, schema } as const
  const questions = await findQuestionsIn({ bytes, isWhole: true }, reading)
  expect(questions.map((one) => [one.column, one.text])).toEqual(expected === null ? [] : [expected])

  const staged = stage('csv', text, AMOUNT, { csv, mapping, maxRejectedRows: 3 })
  const [outcome] = await Promise.allSettled([staged])
  expect(outcome).toMatchObject(
    expected === null
      ? { value: { rowsRejected: 1 } }
      : { reason: { facts: { ambiguous: 'numbers', field: expected[0], value: expected[1] } } },
  )
})

it.each(TEXT_FORMATS)('A %s file stops the load for a value of the same field that it would reject', async (format) => {
  const bytes = await toBytes(format, toRows('a', '7.500', '1.146,39'))
  await expect(stage(format, bytes, FIELDS, { maxRejectedRows: 1 })).rejects.toMatchObject({
    facts: { ambiguous: 'numbers', field: 'quantity', value: '7.500', line: lineOf(format) },
  })
})

it('Numbers of JSON have one meaning', async () => {
  const lines = toRows('1.146,39', '7.500').map(([quantity, price]) => `{"quantity": ${quantity}, "price": "${price}"}`)
  expect((await rows(await stage('ndjson', lines.join('\n'), FIELDS), 'quantity')).at(-1)).toEqual([7.5])
})

it('Points in whole numbers reject their rows, so that no question is needed', async () => {
  const fields = [column(1, 'quantity', 'long'), column(2, 'price', 'string')]
  const staged = stage('csv', await toBytes('csv', toRows('1.146,39', '7.500')), fields)
  await expect(staged).rejects.toMatchObject({ code: 'rows-rejected' })
})
