import { describe, expect, it } from 'vitest'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { enforceNewTableLimits, enforceNewViewLimits, enforceUpdateLimits } from './size-limits'
import { sampleViewVersion } from '@/testing/iceberg/sample-view'
import { MAX_TYPE_DEPTH } from '../schema/schema'
import type { NestedField, Schema } from '../schema/types'
import { catchAppError } from '@/testing/iceberg/catch-app-error'

const schemaOf = (...fields: Partial<NestedField>[]): Schema => ({
  schemaId: 0,
  identifierFieldIds: [],
  fields: fields.map((field, i) => ({ id: i + 1, name: `c${i}`, required: false, type: 'long', ...field })),
})
const docOf = (chars: number) => 'd'.repeat(chars)
const nameOf = (chars: number) => 'n'.repeat(chars)
const add = (schema: Schema, schemas: readonly Schema[] = []) =>
  enforceUpdateLimits([{ action: 'add-schema', schema }], { properties: {}, schemas })

describe('A column', () => {
  it('may have a doc of at most 65,536 characters at any depth, and the error names the column', () => {
    add(schemaOf({ doc: docOf(65_536) }))
    const inner: NestedField = { id: 3, name: 'lat', required: false, type: 'double', doc: docOf(65_537) }
    const nestedSchema = schemaOf({
      name: 'places',
      type: { type: 'list', elementId: 2, elementRequired: false, element: { type: 'struct', fields: [inner] } },
    })
    const error = catchAppError(() => add(nestedSchema))
    expect(error).toMatchObject({
      code: 'invalid-request',
      facts: { column: 'places.element.lat', chars: 65_537, maxChars: 65_536 },
    })
    expect(error.message).toContain('Nothing was changed.')
  })

  it('may have a name of at most 1,000 characters', () => {
    add(schemaOf({ name: nameOf(1000) }))
    expect(catchAppError(() => add(schemaOf({ name: nameOf(1001) }))).message).toContain('The name of the column nnn')
  })

  it('keeps an existing longer name or doc in the next schema, and gets no new one', () => {
    const before = [schemaOf({ name: nameOf(2000), doc: docOf(100_000) })]
    const [old = { id: 0 }] = before[0]?.fields ?? []
    add(schemaOf(old, { name: 'added' }), before)
    expect(catchAppError(() => add(schemaOf(old, { doc: docOf(100_000) }), before)).facts.column).toBe('c1')
    expect(catchAppError(() => add(schemaOf({ ...old, doc: docOf(100_001) }), before)).facts.chars).toBe(100_001)
  })
})

describe('A schema', () => {
  const columns = (count: number) => schemaOf(...Array.from({ length: count }, () => ({ doc: docOf(65_536) })))

  it('may have at most 8,388,608 characters in total, unless the table already has one as long', () => {
    add(columns(127))
    expect(catchAppError(() => add(columns(128))).facts.maxChars).toBe(8_388_608)
    add(columns(128), [columns(129)])
  })

  it('may nest types 100 deep, and deeper only if the table has such a schema already', () => {
    const nested = (depth: number) => {
      let type: NestedField['type'] = 'int'
      for (let i = 0; i < depth; i++) type = { type: 'list', elementId: i + 2, element: type, elementRequired: false }
      return schemaOf({ type })
    }
    add(nested(MAX_TYPE_DEPTH))
    const error = catchAppError(() => add(nested(MAX_TYPE_DEPTH + 1)))
    expect(error).toMatchObject({ code: 'invalid-request', facts: { depth: 101, maxDepth: 100 } })
    expect(error.message).toContain('Nothing was changed.')
    add(nested(150), [nested(160)])
    // As deep as the JSON of a request may be: the metadata of the table has one level more.
    expect(catchAppError(() => enforceNewTableLimits({ schema: nested(509), properties: {} })).code).toBe(
      'invalid-request',
    )
  })

  it('of ten thousand columns with a doc of a few sentences each is allowed', () => {
    const wide = Array.from({ length: 10_000 }, (_, i) => ({ name: `a_column_with_a_long_name_${i}`, doc: docOf(500) }))
    expect(() => add(schemaOf(...wide))).not.toThrow()
  })

  it('is checked when a table or a view is created', () => {
    const schema = schemaOf({ doc: docOf(65_537) })
    expect(catchAppError(() => enforceNewTableLimits({ schema, properties: {} })).facts.column).toBe('c0')
    expect(
      catchAppError(() => enforceNewViewLimits({ schema, version: sampleViewVersion(), properties: {} })).facts.column,
    ).toBe('c0')
  })
})

describe('A partition spec and a sort order', () => {
  const specOf = (name: string, count = 1) => ({
    specId: 0,
    fields: Array.from({ length: count }, (_, i) => ({
      sourceId: 1,
      fieldId: 1000 + i,
      name: `${name}${i}`,
      transform: 'identity',
    })),
  })
  const orderOf = (transform: string) => ({
    orderId: 1,
    fields: [{ sourceId: 1, transform, direction: 'asc' as const, nullOrder: 'nulls-first' as const }],
  })
  const addSpec = (spec: ReturnType<typeof specOf>) => enforceUpdateLimits([{ action: 'add-spec', spec }], null)
  const addOrder = (sortOrder: ReturnType<typeof orderOf>) =>
    enforceUpdateLimits([{ action: 'add-sort-order', sortOrder }], null)

  it('have limited names and transforms, in commits and in new tables', () => {
    const schema = schemaOf({})
    addSpec(specOf(nameOf(999)))
    expect(catchAppError(() => addSpec(specOf(nameOf(1000)))).message).toContain('The name of the partition field nnn')
    addSpec(specOf('p', 1000))
    expect(catchAppError(() => addSpec(specOf('p', 10_000))).message).toContain('The partition spec:')
    addOrder(orderOf('identity'))
    const oversized = orderOf(`odd[${nameOf(262_144)}]`)
    expect(catchAppError(() => addOrder(oversized)).message).toContain('The sort order:')
    const created = { schema, properties: {} }
    expect(catchAppError(() => enforceNewTableLimits({ ...created, sortOrder: oversized })).code).toBe(
      'invalid-request',
    )
    expect(catchAppError(() => enforceNewTableLimits({ ...created, partitionSpec: specOf(nameOf(1000)) })).code).toBe(
      'invalid-request',
    )
    enforceNewTableLimits({ ...created, partitionSpec: specOf('p'), sortOrder: orderOf('identity') })
  })
})

describe('Statistics', () => {
  const statisticsOf = (columns: number, text: string) => ({
    'snapshot-id': 1n,
    'statistics-path': 'file:///lake/t/metadata/s.puffin',
    'blob-metadata': Array.from({ length: columns }, (_, i) => ({
      type: 'apache-datasketches-theta-v1',
      'snapshot-id': 1n,
      'sequence-number': 1,
      fields: [i],
      properties: { ndv: text },
    })),
  })

  it('may describe a sketch for each of ten thousand columns, but not contain megabytes of text', () => {
    enforceUpdateLimits([{ action: 'set-statistics', statistics: statisticsOf(10_000, '1234567') }], sampleMetadata())
    const oversized = statisticsOf(1, docOf(4_194_304))
    for (const update of [
      { action: 'set-statistics' as const, statistics: oversized },
      { action: 'set-partition-statistics' as const, partitionStatistics: oversized },
    ]) {
      expect(catchAppError(() => enforceUpdateLimits([update], sampleMetadata())).message).toContain(
        'The description of the statistics file:',
      )
    }
  })
})
