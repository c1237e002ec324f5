import { describe, expect, it } from 'vitest'
import { viewOfStatement } from './view-of-statement'

const of = (sql: string, cursor = 0) =>
  viewOfStatement({ sql, cursor, connection: 'local', connections: ['local', 'lake'] })

describe('The statement at the cursor', () => {
  it('becomes a view of the namespace of its first table', () => {
    const sql = 'select 1 from demo.a; select * from lake.sales.eu.b join demo.a using (id)'
    expect(of(sql).address).toBe('/catalogs/local/namespaces/demo/new-view?sql=select+1+from+demo.a')
    const second = new URL(of(sql, 30).address ?? '', 'http://x')
    expect(second.pathname).toBe('/catalogs/lake/namespaces/sales%1Feu/new-view')
    expect(second.searchParams.get('sql')).toBe('select * from lake.sales.eu.b join demo.a using (id)')
  })

  it.each([
    ['select 1', 'names no table'],
    ['', 'not readable'],
    ["select 'a from demo.a", 'not readable'],
    [`select '${'x'.repeat(7000)}' from demo.a`, 'too long'],
  ])('cannot become one: %.20s', (sql, off) => {
    expect(of(sql)).toEqual({ address: null, off })
  })
})
