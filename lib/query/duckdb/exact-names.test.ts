import { describe, expect, test } from 'vitest'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { findTableReferences } from '../tables/table-references'
import { tokenize } from '../statement/tokenize'
import { distinguishNames } from './distinct-names'
import { findExactNameEdits } from './exact-names'

/** Each table by its name, with its columns; `null` is a view. */
const TABLES: Readonly<Record<string, readonly string[] | null>> = {
  t: ['id', 'x', 'X', 's'],
  u: ['id', 'X'],
  plain: ['id'],
  v: null,
}

const struct: Type = {
  type: 'struct',
  fields: ['gate', 'Gate'].map((name, i) => ({ id: 11 + i, name, type: 'int', required: false })),
}

function rewrite(sql: string): string {
  const tokens = tokenize(sql)
  const tables = findTableReferences(tokens, { nowMs: 0 }).map((reference) => {
    const names = TABLES[reference.parts.at(-1) ?? ''] ?? null
    const fields = (names ?? []).map(
      (name, i): NestedField => ({ id: i + 1, name, type: name === 's' ? struct : 'int', required: false }),
    )
    const named = distinguishNames(fields)
    return { reference, fields: names === null ? null : named.fields, renamedColumns: named.renamedColumns }
  })
  return findExactNameEdits(tokens, tables)
    .toSorted((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: name }) => text.slice(0, start) + name + text.slice(end), sql)
}

describe('of columns whose names differ only in case, a name', () => {
  test.each([
    ['select x, "X", X_2 from d.t', 'select x, "X_2", X_2 from d.t'],
    [
      'select X from d.t where "x" > "X" order by X desc',
      'select "X_2" from d.t where "x" > "X_2" order by "X_2" desc',
    ],
    ['select t."X", d.t."X" from d.t', 'select t."X_2", d.t."X_2" from d.t'],
    [
      'select a."X", b."X" from d.t a join d.u as b using (id)',
      'select a."X_2", b."X" from d.t a join d.u as b using (id)',
    ],
    ['select max("X") as most from d.t group by x', 'select max("X_2") as most from d.t group by x'],
    ['select "X" from (select "X" from d.t)', 'select "X_2" from (select "X_2" from d.t)'],
    ['with c as (select "X" from d.t) select c."X" from c', 'with c as (select "X_2" from d.t) select c."X_2" from c'],
    ['select * exclude ("X") from d.t', 'select * exclude ("X_2") from d.t'],
    [`select 'X', id as "X" from d.t`, `select 'X', id as "X" from d.t`],
    ['select s."Gate", t.s.Gate, s.gate from d.t', 'select s."Gate_2", t.s."Gate_2", s.gate from d.t'],
    ['select "X", X from d.u', 'select "X", X from d.u'],
  ])('means the column that is spelled so: %s', (sql, expected) => {
    expect(rewrite(sql)).toBe(expected)
  })

  test.each([
    // Another table or the statement itself has the name, too.
    'select "X" from d.t join d.u using (id)',
    'select "X" from d.t, d.v',
    'select x as "X" from d.t order by x',
    'select x as "X", "X" from d.t',
    'with c as (select 1 as "X") select "X" from c, d.t',
    'with c as (select 1 as "X") select c."X" from c, d.t',
    'select id "X" from d.t',
    'select * replace (1 as "X") from d.t',
    "select s['Gate'] from d.t",
    "select struct_extract(s, 'GATE') from d.t",
  ])('that may mean several is refused: %s', (sql) => {
    expect(() => rewrite(sql)).toThrow('differ only in case')
  })

  test('that is spelled like none of them is refused with the names to write', () => {
    const expected = {
      message: '"GATE" is ambiguous: there are columns "gate" and "Gate", whose names differ only in case.',
      facts: { start: 9, end: 13, hint: 'Write "gate" or "Gate_2".' },
    }
    expect(() => rewrite('select s.GATE from d.t')).toThrow(expect.objectContaining(expected))
  })
})

test('statements without such columns keep their names', () => {
  expect(rewrite('select "ID", Id from d.plain')).toBe('select "ID", Id from d.plain')
})
