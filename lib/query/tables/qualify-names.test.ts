import { expect, it } from 'vitest'
import { qualifyQuerySql, qualifyViewSql } from './qualify-names'

const VIEW = { catalog: 'rem', namespace: ['sales'], view: 'v' }
const CONNECTIONS = ['local', 'rem']
const qualify = (sql: string, defaultCatalog: string | null = null, defaultNamespace = ['sales']) =>
  qualifyViewSql(sql, VIEW, { defaultCatalog, defaultNamespace }, CONNECTIONS)

it('Names in the SQL of a view get the catalog of the view, and its default namespace', () => {
  expect(qualify('SELECT f.id FROM demo.flights f JOIN orders USING (id)')).toBe(
    'SELECT f.id FROM rem.demo.flights f JOIN rem.sales.orders USING (id)',
  )
  expect(qualify('WITH demo AS (SELECT 1) SELECT * FROM demo, "Big Lake".t -- from demo.x')).toBe(
    'WITH demo AS (SELECT 1) SELECT * FROM demo, rem."Big Lake".t -- from demo.x',
  )
})

it('Names that have a connection keep it, and the name that an engine has for the catalog is replaced', () => {
  expect(qualify('select * from local.demo.flights')).toBe('select * from local.demo.flights')
  expect(qualify('select * from lakehouse.demo.flights', 'lakehouse')).toBe('select * from rem.demo.flights')
  expect(qualify('select * from flights', 'local', ['demo'])).toBe('select * from local.demo.flights')
})

it.each(["SELECT 'open", 'SELECT * FROM `demo`.`t`', 'SELECT * FROM flights'])(
  'A text that cannot be read, or says too little, stays as it is: %s',
  (sql) => {
    expect(qualify(sql, null, [])).toBe(sql)
  },
)

it('Names of a query get the chosen connection, and keep one that they have', () => {
  const qualifyQuery = (sql: string) => qualifyQuerySql(sql, { connections: CONNECTIONS, connection: 'rem' })
  expect(qualifyQuery('select count(*) from demo.airports a, local.demo.flights; from demo.t$files')).toBe(
    'select count(*) from rem.demo.airports a, local.demo.flights; from rem.demo."t$files"',
  )
  expect(qualifyQuery('with c as (select 1) select * from c, range(3)')).toBe(
    'with c as (select 1) select * from c, range(3)',
  )
  expect(qualifyQuery("select * from read_parquet('a', table = 'demo.t')")).toBe(
    "select * from read_parquet('a', table = 'demo.t')",
  )
  expect(qualifyQuery("select * from 'file'")).toBe("select * from 'file'")
})
