import { describe, expect, it } from 'vitest'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { sampleView } from '@/testing/iceberg/sample-view'
import { applyViewUpdates } from '../../iceberg/view/apply-view-updates'
import { viewPropertyProblem } from '../../iceberg/view/view-properties'
import type { NestedField, Schema, Type } from '../../iceberg/schema/types'
import { findColumnProblems } from '../new-table/new-table-problems'
import { compareColumns } from './compare-schemas'
import { findDraftProblems, keepFieldIds } from './view-draft'
import { changeOfEdit, type ViewEdit } from './view-edit'

const field = (id: number, name: string, type: Type = 'long', doc?: string): NestedField => ({
  id,
  name,
  required: false,
  type,
  ...(doc !== undefined && { doc }),
})
const schemaOf = (...fields: NestedField[]): Schema => ({ schemaId: 0, identifierFieldIds: [], fields })
const struct = (...fields: NestedField[]): Type => ({ type: 'struct', fields })
const view = sampleView()
const options = { nowMs: 1_700_000_600_000, summary: { 'engine-name': 'Lakeshore' } }
const replace = (change: Partial<Extract<ViewEdit, { kind: 'replace' }>> = {}): ViewEdit => ({
  kind: 'replace',
  baseVersionId: 2,
  representations: [{ dialect: 'SPARK', sql: 'SELECT 1 AS n' }],
  retainedDialects: ['trino'],
  defaultCatalog: null,
  defaultNamespace: ['demo'],
  schema: schemaOf(field(1, 'n')),
  ...change,
})
const updatesOf = (edit: ViewEdit, of = view) => changeOfEdit(of, edit, options).updates

describe('Field ids of a new version', () => {
  const before = schemaOf(field(1, 'a'), field(2, 'b', struct(field(3, 'x', 'string'))))

  it('stay for columns of the same name and type, and are new for others', () => {
    const written = schemaOf(field(9, 'c'), field(8, 'b', struct(field(7, 'x', 'string'))), field(6, 'a', 'string'))
    expect(keepFieldIds(written, before).fields).toEqual([
      field(4, 'c'),
      field(2, 'b', struct(field(3, 'x', 'string'))),
      field(5, 'a', 'string'),
    ])
  })

  it('stay when only the description changes', () => {
    expect(keepFieldIds(schemaOf(field(5, 'a', 'long', 'new')), before).fields).toEqual([field(1, 'a', 'long', 'new')])
  })

  it('begin at 1 in a new view', () => {
    expect(keepFieldIds(schemaOf(field(70, 'a'), field(80, 'b')), null).fields.map(({ id }) => id)).toEqual([1, 2])
  })
})

describe('A new version', () => {
  it('keeps the order of dialects, what was not touched, and fields that are not known', () => {
    const [, current] = view.versions
    if (!current) throw new Error('the sample has two versions')
    const plan = { type: 'other' as const, json: { type: 'plan' } }
    const [first, second] = current.representations
    const known = { ...current, representations: [plan, first!, { ...second!, unknownFields: { future: 1 } }] }
    const versions = [view.versions[0]!, known]
    const added = updatesOf(
      replace({ representations: [{ dialect: 'duckdb', sql: 'from t' }], retainedDialects: ['spark', 'trino'] }),
      {
        ...view,
        versions,
      },
    ).find(({ action }) => action === 'add-view-version')
    expect(added).toMatchObject({
      viewVersion: {
        summary: options.summary,
        representations: [
          plan,
          first,
          { ...second, unknownFields: { future: 1 } },
          { dialect: 'duckdb', sql: 'from t' },
        ],
      },
    })
  })

  it('names a version that was there before by its id', () => {
    const edited = applyViewUpdates(view, updatesOf(replace()), options)
    const back = changeOfEdit(edited, { kind: 'roll-back', baseVersionId: 3, versionId: 2 }, options)
    const before = applyViewUpdates(edited, back.updates, options)
    expect(updatesOf(replace(), before)).toEqual([{ action: 'set-current-view-version', viewVersionId: 3 }])
  })

  it.each([
    ['a dialect that is not there', replace({ retainedDialects: ['hive'] }), 'no SQL in the dialect hive'],
    ['a dialect twice', replace({ retainedDialects: ['spark'] }), 'already SQL in the dialect spark'],
    ['nothing', replace({ representations: [], retainedDialects: [] }), 'at least one dialect'],
    ['the version that is current', { kind: 'roll-back', baseVersionId: 2, versionId: 2 } as const, 'current already'],
    [
      'a version that is gone',
      { kind: 'roll-back', baseVersionId: 2, versionId: 7 } as const,
      'no longer has a version 7',
    ],
  ])('is refused with %s', (_case, edit, message) => {
    const error = catchAppError(() => updatesOf(edit))
    expect([error.code, error.message]).toEqual(['invalid-request', expect.stringContaining(message)])
  })

  it('is refused on another version than was seen', () => {
    expect(catchAppError(() => updatesOf(replace({ baseVersionId: 1 }))).code).toBe('version-conflict')
  })
})

describe('A draft', () => {
  it('says of each part what is wrong', () => {
    const representations = [
      { dialect: 'spark', sql: 'x' },
      { dialect: 'Spark', sql: 'x'.repeat(400_001) },
      { dialect: '1', sql: 'x' },
    ]
    expect(findDraftProblems({ representations, schema: schemaOf() }).map(({ part }) => part)).toEqual([
      { kind: 'dialect', index: 1 },
      { kind: 'sql', index: 1 },
      { kind: 'dialect', index: 2 },
      { kind: 'columns' },
    ])
  })

  it('has a limited number of dialects and columns', () => {
    const many = Array.from({ length: 13 }, (_, i) => ({ dialect: `d${i}`, sql: 'x' }))
    const wide = schemaOf(...Array.from({ length: 2001 }, (_, i) => field(i + 1, `c${i}`)))
    expect(findDraftProblems({ representations: many, schema: wide }).map(({ message }) => message)).toEqual([
      'A version has SQL in at most 12 dialects here.',
      'A view has at most 2,000 columns here.',
    ])
  })
})

describe('A property of a view', () => {
  it.each([
    ['version.history.num-entries', '10', null],
    ['version.history.num-entries', '0', 'whole number from 1 to 1000'],
    ['version.history.num-entries', '1e2', 'whole number'],
    ['version.history.num-entries', '1001', 'whole number'],
    ['replace.drop-dialect.allowed', 'yes', 'true or false'],
    ['lakeshore.protected', 'true', null],
    ['lakeshore.badge', 'gold', 'certified or deprecated'],
    ['lakeshore.tags', 'a, b', null],
    ['write.metadata.compression-codec', 'zstd', 'none or gzip'],
    ['db.password', 'x', 'secret'],
    [' team', 'x', 'spaces around'],
    ['team', 'anything', null],
  ])('%s = %s', (key, value, problem) => {
    expect(viewPropertyProblem(key, value) ?? 'none').toContain(problem ?? 'none')
  })
})

it('Columns of two versions are compared by name, in the order of the later one', () => {
  const before = [field(1, 'a'), field(2, 'b'), field(3, 'c')]
  const after = [field(1, 'c'), field(2, 'd'), field(3, 'a', 'string', 'text')]
  expect(compareColumns(before, after)).toEqual([
    { name: 'c', before: 'long', after: 'long', change: 'unchanged' },
    { name: 'd', before: null, after: 'long', change: 'added' },
    { name: 'a', before: 'long', after: 'string, “text”', change: 'changed' },
    { name: 'b', before: 'long', after: null, change: 'removed' },
  ])
})

it('refuses columns whose names differ in case alone in the words of a new table', () => {
  const schema = schemaOf(field(1, 'a'), field(2, 'A'), field(3, 's', struct(field(4, 'x'), field(5, 'X'))))
  const representations = [{ dialect: 'spark', sql: 'select 1' }]
  const problems = findDraftProblems({ representations, schema })
  expect(problems).toEqual(findColumnProblems({ schema, formatVersion: 3 }))
  expect(problems.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^A and a differ in case alone\./),
    expect.stringMatching(/^X and x differ in case alone\./),
  ])
})
