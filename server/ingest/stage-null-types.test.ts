import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { findFixture } from '@/testing/find-fixture'
import { column, createTestStaging } from '@/testing/ingest/test-staging'

/** Types of Parquet that no table has, and whose values fit others exactly. */

const { stage, preview, rejects, rows } = createTestStaging()
const nulls = findFixture('reports/null-type-columns.parquet')
const halves = findFixture('parquet-testing/data/float16_nonzeros_and_nans.parquet')

/** The columns of the file: s, n and d are null, l is a list of nulls, and st has the null x. */
function fieldsOf(leaf: Type, other: Type = leaf): NestedField[] {
  return [
    column(1, 'id', 'int'),
    column(2, 's', leaf),
    column(3, 'n', other),
    column(4, 'd', 'date'),
    column(5, 'l', { type: 'list', elementId: 6, element: leaf, elementRequired: false }),
    column(7, 'st', { type: 'struct', fields: [column(8, 'x', leaf), column(9, 'y', 'long')] }),
  ]
}

describe.skipIf(nulls === null)('Columns of the null type (skipped without ../shared/fixtures)', () => {
  const bytes = () => readFileSync(nulls ?? '')
  const partition = { specId: 1, fields: [{ sourceId: 2, fieldId: 1000, name: 'p', transform: 'identity' }] }

  it.each<[Type]>([
    ['boolean'],
    ['int'],
    ['long'],
    ['float'],
    ['double'],
    ['decimal(9, 2)'],
    ['decimal(38, 38)'],
    ['date'],
    ['time'],
    ['timestamp'],
    ['timestamptz'],
    ['timestamp_ns'],
    ['timestamptz_ns'],
    ['string'],
    ['uuid'],
    ['binary'],
  ])('are loaded as nulls of %s, also in lists, structs and partitions', async (type) => {
    for (const options of [{}, { spec: partition }]) {
      expect(await rows(await stage('parquet', bytes(), fieldsOf(type), options))).toEqual([
        [1, null, null, null, [null, null], { x: null, y: '5' }],
        [2, null, null, null, null, null],
      ])
    }
  })

  it.each<[Type]>([
    [{ type: 'list', elementId: 20, element: 'uuid', elementRequired: true }],
    [{ type: 'struct', fields: [column(21, 'a', 'binary', true)] }],
    [{ type: 'map', keyId: 22, key: 'string', valueId: 23, value: 'timestamp_ns', valueRequired: true }],
  ])('are loaded as nulls of a nested type: %o', async (type) => {
    expect(await rows(await stage('parquet', bytes(), fieldsOf('string', type)), 'n')).toEqual([[null], [null]])
  })

  it('are nulls of a column of unknown type', async () => {
    const fields = fieldsOf('string', 'unknown')
    expect(await rows(await stage('parquet', bytes(), fields), 'id, s')).toEqual([
      [1, null],
      [2, null],
    ])
  })

  it('break a rule, and a requirement, as other nulls do', async () => {
    const fields = fieldsOf('uuid').map((field) => (field.name === 'n' ? { ...field, required: true } : field))
    const rules = { given: { column: 's', notNull: true } }
    await expect(stage('parquet', bytes(), fields, { rules })).rejects.toMatchObject({ code: 'rows-rejected' })
    expect(rejects().filter(({ line }) => line === 1)).toEqual([
      { line: 1, column: 's', value: null, reason: 'breaks the rule given: is null' },
      { line: 1, column: 'n', value: null, reason: 'is null, and the table requires a value' },
    ])
  })

  it('are previewed as nulls, without a problem', async () => {
    const { rows, columnProblems } = await preview('parquet', bytes(), fieldsOf('timestamptz_ns'))
    expect(columnProblems).toEqual([])
    expect(rows.map(({ values }) => values.slice(0, 4))).toEqual([
      ['1', null, null, null],
      ['2', null, null, null],
    ])
  })
})

describe.skipIf(halves === null)('Half floats (skipped without ../shared/fixtures)', () => {
  it.each<[Type]>([['float'], ['double']])('are loaded exactly as %s', async (type) => {
    const staged = await stage('parquet', readFileSync(halves ?? ''), [column(1, 'x', type)])
    expect(await rows(staged, 'x::VARCHAR')).toEqual(
      [null, '1.0', '-2.0', 'nan', '0.0', '-1.0', '-0.0', '2.0'].map((text) => [text]),
    )
  })
})
