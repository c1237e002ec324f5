import { describe, expect, it } from 'vitest'
import type { Annotation, PhysicalType, SchemaNode } from '@/lib/parquet/schema-node'
import { fileColumns, leafType, positionIds } from './file-columns'

function leaf(name: string, physicalType: PhysicalType, annotation: Annotation | null = null, lengthBytes = 0) {
  return nodeOf({ name, annotation, leaf: { index: 0, physicalType, lengthBytes } })
}

function nodeOf(part: Partial<SchemaNode>): SchemaNode {
  return {
    name: 'c',
    path: [part.name ?? 'c'],
    fieldId: null,
    repetition: 'optional',
    maxDefinition: 1,
    maxRepetition: 0,
    annotation: null,
    children: [],
    leaf: null,
    ...part,
  }
}

const rootOf = (...children: SchemaNode[]) => ({ schema: nodeOf({ name: 'root', children }) })
const repeated = (name: string, ...children: SchemaNode[]) => nodeOf({ name, repetition: 'repeated', children })

describe('The columns of a file', () => {
  it.each<[string, SchemaNode, string]>([
    ['a boolean', leaf('c', 'BOOLEAN'), 'boolean'],
    ['an int', leaf('c', 'INT32', { kind: 'integer', bits: 16, isSigned: true }), 'int'],
    ['a small unsigned int', leaf('c', 'INT32', { kind: 'integer', bits: 16, isSigned: false }), 'int'],
    ['an unsigned int', leaf('c', 'INT32', { kind: 'integer', bits: 32, isSigned: false }), 'long'],
    ['an unsigned long', leaf('c', 'INT64', { kind: 'integer', bits: 64, isSigned: false }), 'long'],
    ['a date', leaf('c', 'INT32', { kind: 'date' }), 'date'],
    ['a time in milliseconds', leaf('c', 'INT32', { kind: 'time', isUtc: true, unit: 'millis' }), 'time'],
    ['an instant', leaf('c', 'INT64', { kind: 'timestamp', isUtc: true, unit: 'millis' }), 'timestamptz'],
    ['a clock in nanoseconds', leaf('c', 'INT64', { kind: 'timestamp', isUtc: false, unit: 'nanos' }), 'timestamp_ns'],
    ['an old timestamp', leaf('c', 'INT96'), 'timestamp_ns'],
    ['a float', leaf('c', 'FLOAT'), 'float'],
    ['a double', leaf('c', 'DOUBLE'), 'double'],
    ['a decimal', leaf('c', 'BYTE_ARRAY', { kind: 'decimal', precision: 38, scale: 9 }), 'decimal(38, 9)'],
    ['a longer decimal', leaf('c', 'BYTE_ARRAY', { kind: 'decimal', precision: 60, scale: 9 }), 'binary'],
    ['a text', leaf('c', 'BYTE_ARRAY', { kind: 'string' }), 'string'],
    ['bytes', leaf('c', 'BYTE_ARRAY'), 'binary'],
    ['a BSON document', leaf('c', 'BYTE_ARRAY', { kind: 'bson' }), 'binary'],
    ['a UUID', leaf('c', 'FIXED_LEN_BYTE_ARRAY', { kind: 'uuid' }, 16), 'uuid'],
    ['a half', leaf('c', 'FIXED_LEN_BYTE_ARRAY', { kind: 'float16' }, 2), 'float'],
    ['a geometry', leaf('c', 'BYTE_ARRAY', { kind: 'geometry', crs: null }), 'geometry'],
    ['nothing but nulls', leaf('c', 'INT32', { kind: 'null' }), 'unknown'],
  ])('hold %s exactly', (_what, node, type) => {
    expect(leafType(node)).toBe(type)
  })

  it('have ids by their position, nested ones too', () => {
    const taxi = nodeOf({ name: 'taxi', repetition: 'required', children: [leaf('in', 'INT32'), leaf('out', 'INT32')] })
    const root = rootOf(leaf('day', 'INT32', { kind: 'date' }), taxi)
    expect(fileColumns(root)).toEqual([
      { id: 1, name: 'day', required: false, type: 'date' },
      {
        id: 2,
        name: 'taxi',
        required: true,
        type: {
          type: 'struct',
          fields: [
            { id: 3, name: 'in', required: false, type: 'int' },
            { id: 4, name: 'out', required: false, type: 'int' },
          ],
        },
      },
    ])
    expect([...positionIds(root.schema)].map(([{ name }, id]) => `${name} ${id}`)).toEqual([
      'day 1',
      'taxi 2',
      'in 3',
      'out 4',
    ])
  })

  it('are lists in three levels, in two, and without a list around them', () => {
    const three = nodeOf({
      name: 'three',
      annotation: { kind: 'list' },
      children: [repeated('list', leaf('element', 'INT32'))],
    })
    const two = nodeOf({
      name: 'two',
      annotation: { kind: 'list' },
      children: [{ ...leaf('array', 'INT32'), repetition: 'repeated' }],
    })
    const tuple = nodeOf({
      name: 'pairs',
      annotation: { kind: 'list' },
      children: [repeated('pairs_tuple', leaf('x', 'INT32'))],
    })
    const bare: SchemaNode = { ...leaf('bare', 'INT64'), repetition: 'repeated' }
    const types = fileColumns(rootOf(three, two, tuple, bare)).map(({ type }) => type)
    expect(types).toEqual([
      { type: 'list', elementId: 3, element: 'int', elementRequired: false },
      { type: 'list', elementId: 5, element: 'int', elementRequired: true },
      {
        type: 'list',
        elementId: 7,
        element: { type: 'struct', fields: [{ id: 8, name: 'x', required: false, type: 'int' }] },
        elementRequired: true,
      },
      { type: 'list', elementId: 9, element: 'long', elementRequired: true },
    ])
  })

  it('are maps, also without values, and variants', () => {
    const key: SchemaNode = { ...leaf('key', 'BYTE_ARRAY', { kind: 'string' }), repetition: 'required' }
    const map = (name: string, ...entry: SchemaNode[]) =>
      nodeOf({ name, annotation: { kind: 'map' }, children: [repeated('key_value', ...entry)] })
    const variant = nodeOf({ name: 'v', annotation: { kind: 'variant' }, children: [leaf('metadata', 'BYTE_ARRAY')] })
    const types = fileColumns(rootOf(map('m', key, leaf('value', 'DOUBLE')), map('keys', { ...key }), variant)).map(
      ({ type }) => type,
    )
    expect(types).toEqual([
      { type: 'map', keyId: 3, key: 'string', valueId: 4, value: 'double', valueRequired: false },
      { type: 'map', keyId: 7, key: 'string', valueId: 0, value: 'unknown', valueRequired: false },
      'variant',
    ])
  })
})
