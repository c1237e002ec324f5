import { describe, expect, it } from 'vitest'
import { MAX_NAMED_TABLES, NamedTablesCache, readNamedTables } from './named-tables'

const naming = (count: number) =>
  `select * from ${Array.from({ length: count }, (_, index) => `ours.t${index}`).join(', ')}`

describe('The tables that a text names', () => {
  it('are each named once', () => {
    expect(readNamedTables('select * from a.t join b.c.u using (x), a.t; from a.t')).toEqual([
      ['a', 't'],
      ['b', 'c', 'u'],
    ])
    expect(readNamedTables('select 1')).toEqual([])
    expect(readNamedTables('select t.x from (values (1)) t(x)')).toEqual([])
  })

  it.each([
    '',
    "select * from read_parquet('x.parquet')",
    'drop table a.t',
    'select * from `a.t`',
    'table t',
    'select delay frm a.t',
    'select * from t, a.t; describe t',
  ])('are unknown for %j', (sql) => {
    expect(readNamedTables(sql)).toBeNull()
  })

  it('are unknown above a number for each of which a permission is looked up', () => {
    expect(readNamedTables(naming(MAX_NAMED_TABLES))).toHaveLength(MAX_NAMED_TABLES)
    expect(readNamedTables(naming(MAX_NAMED_TABLES + 1))).toBeNull()
  })
})

describe('What saved queries name', () => {
  it('is read once for each version, and cached within a bound', () => {
    const read: string[] = []
    const cache = new NamedTablesCache((sql) => {
      read.push(sql)
      return readNamedTables(sql)
    }, 2_000)
    const query = { queryId: 'q', version: 1, sql: 'from a.t' }
    expect(cache.find(query)).toBeUndefined()
    for (let i = 0; i < 3; i += 1) expect(cache.read(query)).toEqual([['a', 't']])
    expect(cache.find(query)).toEqual([['a', 't']])
    expect(cache.read({ ...query, version: 2, sql: 'drop table a.t' })).toBeNull()
    expect(cache.find({ queryId: 'q', version: 2 })).toBeNull()
    expect(read).toEqual(['from a.t', 'drop table a.t'])
    for (let i = 0; i < 10; i += 1) cache.read({ ...query, queryId: `other ${i}` })
    expect(cache.find(query)).toBeUndefined()
  })
})
