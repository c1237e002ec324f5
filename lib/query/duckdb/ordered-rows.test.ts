import { describe, expect, it } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { tokenize } from '../statement/tokenize'
import { findTableReferences } from '../tables/table-references'
import { hasOneSelect, orderedRows } from './ordered-rows'

const FIELDS = ['committed_at', 'kind', 'rows'].map(
  (name, i): NestedField => ({
    id: i + 1,
    name,
    type: (['timestamptz', 'string', 'long'] as const)[i] ?? 'string',
    required: true,
  }),
)
const TABLES = new Map([['t', FIELDS]])

type Node = { name: string; extra_info: object; children: Node[] }
const node = (name: string, info: object, ...children: Node[]): Node => ({ name, extra_info: info, children })
const scan = (...filters: string[]) => node('SEQ_SCAN', { Table: 'memory.shadow.t', Filters: filters })
const top = (order: string | string[], child: Node) => node('TOP_N', { Top: '5', 'Order By': order }, child)
const rowsOf = (root: Node) => orderedRows(JSON.stringify([root]), TABLES)

describe('The rows that a plan reads of its table', () => {
  it('are those of all its conditions, by one column', () => {
    const filter = node('FILTER', { Expression: "((kind = 'a') OR (kind NOT IN ('b', 'c AND (d)')))" }, scan('rows>5'))
    expect(rowsOf(node('PROJECTION', {}, top('c.committed_at DESC', filter)))).toEqual({
      table: 't',
      order: { column: 'committed_at', isDescending: true },
      predicate: {
        kind: 'and',
        parts: [
          { kind: 'gt', column: 3, value: expect.anything() },
          {
            kind: 'or',
            parts: [
              { kind: 'eq', column: 2, value: 'a' },
              { kind: 'not-in', column: 2, values: ['b', 'c AND (d)'] },
            ],
          },
        ],
      },
    })
    expect(rowsOf(node('LIMIT', {}, scan('optional: Dynamic Filter (committed_at)')))).toMatchObject({ order: null })
  })

  it.each([
    ['a condition that is not understood', top('c.committed_at ASC', scan('(length(kind) = 3)'))],
    ['a condition above the scan', node('LIMIT', {}, node('FILTER', { Expression: "(lower(kind) = 'a')" }, scan()))],
    ['terms whose grouping is not written', node('LIMIT', {}, scan("kind='a' OR kind='b' AND kind!='c'"))],
    ['two columns', top(['c.committed_at DESC', 'c.kind ASC'], scan())],
    ['a name of the statement', top('committed_at DESC', scan())],
    ['an expression', top("date_trunc('day', c.committed_at) DESC", scan())],
    ['an order beneath a condition', node('FILTER', { Expression: "(kind = 'a')" }, top('c.committed_at ASC', scan()))],
    ['rows that are counted', node('UNGROUPED_AGGREGATE', {}, scan())],
    ['another table', node('HASH_JOIN', {}, scan(), scan())],
  ])('are not known with %s', (_, root) => {
    expect(rowsOf(root)).toBeNull()
  })
})

it.each([
  ['select * from demo.t', true],
  ['from demo.t as c where a = 1 order by b limit 5', true],
  ['select * from demo.t as c(a, b)', false],
  ['select * from demo.t c(a, b)', false],
  ['select * from (select b as a from demo.t) c', false],
  ['select extract(year from a) from demo.t', false],
])('Names in the plan of %s are those of the table: %s', (sql, expected) => {
  const tokens = tokenize(sql)
  expect(hasOneSelect({ tokens }, findTableReferences(tokens, { nowMs: 0 }))).toBe(expected)
})
