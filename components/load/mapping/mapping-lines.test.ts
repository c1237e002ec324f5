import { expect, it } from 'vitest'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import { countWholeRows, mapColumn, mapField, mappingLines } from './mapping-lines'

const column = (name: string) => ({ name, type: 'string', rejectedCount: 0, problem: null, firstReject: null })
const field = (name: string) => ({ name, samples: [`a ${name}`] })
const preview = {
  fields: [field('id'), field('km'), field('mail')],
  columns: [column('id'), column('distance'), column('city')],
  rows: [],
  rejects: [],
  unmappedFields: ['km', 'mail'],
  missingColumns: ['distance'],
}

it('lists the fields of the file, and the columns that none of them fills', () => {
  expect(mappingLines(preview, BY_NAME)).toEqual([
    {
      kind: 'field',
      field: 'id',
      sample: 'a id',
      column: column('id'),
      state: 'same-name',
      expressionOf: null,
      suggestion: null,
    },
    {
      kind: 'field',
      field: 'km',
      sample: 'a km',
      column: null,
      state: 'unmapped',
      expressionOf: null,
      suggestion: null,
    },
    {
      kind: 'field',
      field: 'mail',
      sample: 'a mail',
      column: null,
      state: 'unmapped',
      expressionOf: null,
      suggestion: null,
    },
    { kind: 'column', column: column('distance'), source: null, result: undefined, isMissing: true },
    { kind: 'column', column: column('city'), source: null, result: undefined, isMissing: false },
  ])
})

it('shows what was chosen', () => {
  let mapping = mapField(BY_NAME, 'km', null, 'distance')
  mapping = mapField(mapping, 'mail', null, null)
  mapping = mapColumn(mapping, 'city', { value: 'Berlin' })
  expect(mapping).toEqual({
    columns: { distance: { field: 'km' }, city: { value: 'Berlin' } },
    ignoredFields: ['mail'],
  })
  const lines = mappingLines({ ...preview, unmappedFields: [], missingColumns: [] }, mapping)
  expect(lines.map((line) => (line.kind === 'field' ? line.state : line.source))).toEqual([
    'same-name',
    'chosen',
    'ignored',
    { value: 'Berlin' },
  ])
})

it('gives a column no values when its field goes to another one', () => {
  const moved = mapField(BY_NAME, 'id', 'id', 'city')
  expect(moved.columns).toEqual({ id: { value: null }, city: { field: 'id' } })
  expect(mapField(moved, 'id', 'city', 'id').columns).toEqual({})
})

it('ignores the field of a column, and takes it back', () => {
  const ignored = mapField(BY_NAME, 'id', 'id', null)
  expect(ignored).toEqual({ columns: {}, ignoredFields: ['id'] })
  expect(mappingLines(preview, ignored)[0]).toMatchObject({ column: null, state: 'ignored' })
  expect(mapField(ignored, 'id', null, 'id')).toEqual(BY_NAME)
})

it('leaves fields to an expression or to the column of the rest', () => {
  const known = { ...preview, unmappedFields: [], missingColumns: [] }
  const states = (mapping: typeof BY_NAME) =>
    mappingLines(known, mapping).flatMap((line) => (line.kind === 'field' ? [line.state] : []))
  expect(states(mapColumn(BY_NAME, 'city', { rest: true }))).toEqual(['same-name', 'rest', 'rest'])
  expect(states(mapColumn(BY_NAME, 'distance', { sql: 'km * 1000' }))).toEqual([
    'same-name',
    'in-expression',
    'in-expression',
  ])
})

it('says of a field that only an expression uses which one it is, next to a column of the rest', () => {
  const known = { ...preview, unmappedFields: [], missingColumns: [], fields: [...preview.fields, field('other')] }
  const mapping = mapColumn(mapColumn(BY_NAME, 'distance', { sql: `("KM"::other * 1000).other + other(1)` }), 'city', {
    rest: true,
  })
  const states = (columns: typeof preview.columns) =>
    mappingLines({ ...known, columns }, mapping).flatMap((line) =>
      line.kind === 'field' ? [[line.field, line.state, line.expressionOf]] : [],
    )
  const others = [
    ['mail', 'rest', null],
    ['other', 'rest', null],
  ]
  const same = ['id', 'same-name', null]
  expect(states(preview.columns)).toEqual([same, ['km', 'in-expression', 'distance'], ...others])
  const wrong = preview.columns.map((one) => (one.name === 'distance' ? { ...one, problem: 'It is wrong.' } : one))
  expect(states(wrong as typeof preview.columns)).toEqual([same, ['km', 'in-wrong-expression', 'distance'], ...others])
})

it('names the wrong expression that uses a field, which then lacks no column', () => {
  const columns = [column('id'), { ...column('distance'), problem: 'There is no function rund.' }, column('city')]
  const mapping = mapColumn(BY_NAME, 'distance', { sql: 'rund("KM") + mail(id)' })
  const states = mappingLines({ ...preview, columns }, mapping).flatMap((line) =>
    line.kind === 'field' ? [[line.field, line.state, line.expressionOf]] : [],
  )
  expect(states).toEqual([
    ['id', 'same-name', null],
    ['km', 'in-wrong-expression', 'distance'],
    ['mail', 'unmapped', null],
  ])
})

it('shows what does not fit in a sample of rows all over the file, where the first rows fit', () => {
  const rejects = [{ line: 1_204_518, afterByte: 45_000_000, column: 'id', value: 'n/a', reason: 'is not a long' }]
  const sample = {
    rejects,
    rejectedColumns: [
      { column: 'id', count: 12 },
      { column: null, count: 3 },
    ],
  }
  expect(countWholeRows({ rejects: [], rowsRejected: 0 }, sample)).toEqual({ count: 3, isAtLeast: false })
  expect(mappingLines(preview, BY_NAME, { sample })[0]).toMatchObject({
    column: { rejectedCount: 12, firstReject: { position: 'About line 1,200,000 · byte 42.9 MiB', value: 'n/a' } },
  })
})

it('shows the first value of each column that does not fit, and the result of an expression for the first row', () => {
  const reject = (line: number, value: string) => ({
    line,
    column: 'id',
    value,
    file: null,
    reason: 'is not a long',
    text: null,
    part: null,
  })
  const previewed = {
    ...preview,
    rows: [{ line: 2, values: ['1', '4200', null] }],
    rejects: [reject(3, 'x'), reject(5, 'y')],
  }
  const mapping = mapColumn(mapColumn(BY_NAME, 'distance', { sql: 'km * 1000' }), 'city', { value: null })
  const lines = mappingLines(previewed, mapping)
  expect(lines.map(({ column: one }) => one?.firstReject ?? null)).toMatchObject([
    { position: 'Line 3', value: 'x', reason: 'is not a long' },
    null,
    null,
    null,
    null,
  ])
  expect(lines.flatMap((line) => (line.kind === 'column' ? [line.result] : []))).toEqual(['4200', null])
})

it('says which columns are guesses, and suggests one for another field', () => {
  const known = { ...preview, columns: [column('id'), column('KM'), column('emails')], unmappedFields: ['mail'] }
  const mapping = { columns: { KM: { field: 'km' } }, ignoredFields: [] }
  const lines = mappingLines(known, mapping, { guesses: new Map([['km', 'KM']]) })
  expect(lines.map((line) => (line.kind === 'field' ? [line.field, line.state, line.suggestion] : []))).toEqual([
    ['id', 'same-name', null],
    ['km', 'guessed', null],
    ['mail', 'unmapped', 'emails'],
    [],
  ])
})
