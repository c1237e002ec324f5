import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import type { ColumnDeclaration, TypeDeclaration } from '../declaration/table-declaration'
import { createStatements } from '../new-table/new-table-statements'
import { declarationOfDraft, draftOfDeclaration, newFieldName } from '../new-table/new-table-draft'
import { parseTableText } from './parse-table-text'

/** Names that are hard to quote, without the `${` that Spark replaces and the dots that names of SQL divide at. */
const hardName = fc
  .string({
    unit: fc.constantFrom('a', 'B', '"', '`', "'", '\\', ' ', 'ü', '-', '$', '\n', '1'),
    minLength: 1,
    maxLength: 8,
  })
  .filter((name) => name.trim() === name && !name.includes('${'))
const plainName = fc.stringMatching(/^[a-z][a-z0-9_]{0,6}$/)
const text = fc.string({
  unit: fc.constantFrom('a', "'", '\\', '"', '`', '${x}', '\n', '\r', '%', '_', 'ü', '🛫', ' ', ';', '--', '\0', 'n'),
  maxLength: 8,
})

const SPARK_PRIMITIVES = [
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'date',
  'timestamp',
  'timestamptz',
  'string',
  'binary',
  'decimal(9, 2)',
]
const TRINO_PRIMITIVES = [...SPARK_PRIMITIVES, 'time', 'uuid']

function typeOf(
  primitives: readonly string[],
  name: fc.Arbitrary<string>,
  hasRequired: boolean,
): fc.Arbitrary<TypeDeclaration> {
  return fc.letrec<{ type: TypeDeclaration }>((tie) => ({
    type: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'type' },
      fc.constantFrom(...primitives),
      tie('type').map((list) => ({ list })),
      fc.record({ key: fc.constantFrom(...primitives), value: tie('type') }).map((map) => ({ map })),
      fc
        .uniqueArray(columnOf(tie('type'), name, hasRequired), {
          minLength: 1,
          maxLength: 3,
          selector: ({ name: one }) => one,
        })
        .map((struct) => ({ struct })),
    ),
  })).type
}

function columnOf(
  type: fc.Arbitrary<TypeDeclaration>,
  name: fc.Arbitrary<string>,
  hasOptions: boolean,
): fc.Arbitrary<ColumnDeclaration> {
  const options = hasOptions
    ? fc.record({ required: fc.constant(true as const), doc: text }, { requiredKeys: [] })
    : fc.constant({})
  return fc.tuple(name, type, options).map(([one, declared, more]) => ({ name: one, type: declared, ...more }))
}

function draftOf(engine: 'spark' | 'trino') {
  const name = engine === 'spark' ? fc.oneof(plainName, hardName) : plainName
  const type = engine === 'spark' ? typeOf(SPARK_PRIMITIVES, name, true) : typeOf(TRINO_PRIMITIVES, plainName, false)
  const direction = fc.constantFrom('asc' as const, 'desc' as const)
  const nulls = fc.constantFrom('nulls-first' as const, 'nulls-last' as const)
  return fc
    .record({
      version: fc.constantFrom(1 as const, 2 as const, 3 as const),
      columns: fc.uniqueArray(columnOf(type, name, true), {
        maxLength: 4,
        selector: ({ name: one }) => one.toLowerCase(),
      }),
      properties: fc.dictionary(fc.stringMatching(/^my\.[a-z]{1,6}$/), text, { maxKeys: 3 }),
      comment: fc.option(text, { nil: undefined }),
      time: fc.constantFrom('year', 'month', 'day', 'identity'),
      buckets: fc.integer({ min: 1, max: 2_147_483_647 }),
      directions: fc.tuple(direction, nulls, direction, nulls),
      hasIdentifier: fc.boolean(),
      location: fc.option(
        text.filter((one) => one !== ''),
        { nil: null },
      ),
    })
    .map(({ version, columns, properties, comment, time, buckets, directions, hasIdentifier, location }) => ({
      location,
      draft: draftOfDeclaration({
        'format-version': version,
        columns: [
          { name: 'z_id', type: 'long', required: true },
          { name: 'z_at', type: 'date' },
          { name: 'z_in', type: { struct: [{ name: 'code', type: 'string' }] } },
          ...columns.filter(({ name: one }) => !one.toLowerCase().startsWith('z_')),
        ],
        'identifier-fields': hasIdentifier && engine === 'spark' ? ['z_id'] : [],
        'partition-fields': [
          { name: newFieldName(['z_at'], time), column: 'z_at', transform: time },
          { name: 'z_id_bucket', column: 'z_id', transform: `bucket[${buckets}]` },
          { name: 'z_in.code_trunc', column: 'z_in.code', transform: 'truncate[3]' },
        ],
        'sort-fields': [
          {
            column: engine === 'spark' ? 'z_in.code' : 'z_at',
            transform: 'identity',
            direction: directions[0],
            'null-order': directions[1],
          },
          {
            column: 'z_id',
            transform: engine === 'spark' ? 'bucket[4]' : 'identity',
            direction: directions[2],
            'null-order': directions[3],
          },
        ],
        properties: { ...(comment !== undefined && { comment }), ...properties },
      }),
    }))
}

it.each(['spark', 'trino'] as const)('the statement that a review prints for %s declares the same table', (engine) => {
  fc.assert(
    fc.property(draftOf(engine), (table) => {
      const identifier = { catalog: 'lake', namespace: ['a', 'b'], table: "it's" }
      const script = createStatements(identifier, table)[engine]
      expect(script.missing).toEqual([])
      const format = engine === 'spark' ? 'Spark SQL' : 'Trino SQL'
      const parsed = parseTableText(script.text, format, () => ({ value: null, lineOf: () => null }))
      expect(parsed.name).toEqual(['lake', 'a', 'b', "it's"])
      expect(parsed.location).toBe(table.location)
      expect(declarationOfDraft(draftOfDeclaration(parsed.declaration))).toEqual(declarationOfDraft(table.draft))
    }),
    propertyRuns(300),
  )
})
