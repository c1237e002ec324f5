import { describe, expect, test } from 'vitest'
import { rewriteTables } from './rewrite-tables'
import { canHideColumns } from './hidden-columns'
import { splitStatements } from '../statement/statements'
import { findTableReferences } from './table-references'
import { tokenize } from '../statement/tokenize'

/** The SQL for the engine, in which every table has the hidden column `_pos`. */
function rewrite(sql: string): string {
  const [statement] = splitStatements(sql)
  if (!statement) throw new Error('there is no statement')
  const references = findTableReferences(statement.tokens, { requiresZone: true, nowMs: 0 })
  const localNames = references.map((_, i) => `t${i + 1}`)
  const hiddenColumns = references.map(() => ['_pos'])
  return rewriteTables(sql, statement, references, localNames, { hiddenColumns }).sql
}

describe('a star leaves out hidden columns', () => {
  test.each([
    ['select * from a.b', 'select * EXCLUDE ("b"."_pos") from "t1" AS "b"'],
    ['select *, _pos from a.b f', 'select * EXCLUDE ("f"."_pos"), _pos from "t1" f'],
    ['select f.*, 2 * 3 from a.b f', 'select f.* EXCLUDE ("_pos"), 2 * 3 from "t1" f'],
    ['select g.* from a.b f, c.d g', 'select g.* EXCLUDE ("_pos") from "t1" f, "t2" g'],
    ['select * from a.b f join c.d g on 1', 'select * EXCLUDE ("f"."_pos", "g"."_pos") from "t1" f join "t2" g on 1'],
    ['select distinct on (x) * from a.b f', 'select distinct on (x) * EXCLUDE ("f"."_pos") from "t1" f'],
    ['select * replace (1 as x) from a.b f', 'select * EXCLUDE ("f"."_pos") replace (1 as x) from "t1" f'],
    ['select * exclude (x) from a.b f', 'select * exclude ("f"."_pos", x) from "t1" f'],
    ['select * exclude f.x, 1 from a.b f', 'select * exclude ("f"."_pos", f.x), 1 from "t1" f'],
    ['from a.b f where x', 'SELECT * EXCLUDE ("f"."_pos") from "t1" f where x'],
    ['from a.b f select *', 'from "t1" f select * EXCLUDE ("f"."_pos")'],
    [
      'select * from a.b f union all from c.d g',
      'select * EXCLUDE ("f"."_pos") from "t1" f union all SELECT * EXCLUDE ("g"."_pos") from "t2" g',
    ],
    [
      'with x as (select * from a.b f) select * from x',
      'with x as (select * EXCLUDE ("f"."_pos") from "t1" f) select * from x',
    ],
  ])('%s', (sql, expected) => {
    expect(rewrite(sql)).toBe(expected)
  })

  test.each([
    ['of a query around the one that names the table', 'select * from (select x, _pos from a.b f) s'],
    ['that counts', 'select count(*) from a.b f'],
    ['that multiplies', 'select (1) * x, y*2, f.x * 3 from a.b f'],
    ['of another table', 'select s.* from a.b f, (select 1) s'],
  ])('but not one %s', (_, sql) => {
    expect(rewrite(sql)).toBe(sql.replace('a.b', '"t1"'))
  })
})

test('Clauses that treat all columns alike would change with hidden columns', () => {
  expect(canHideColumns(tokenize('select * from a natural join b'))).toBe(false)
  expect(canHideColumns(tokenize('pivot a on b'))).toBe(false)
  expect(canHideColumns(tokenize('select natural_key from a'))).toBe(true)
})
