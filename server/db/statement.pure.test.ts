import { describe, expect, it } from 'vitest'
import { Change, Query } from './database'
import { POSTGRES } from './postgres/dialect'
import { SQLITE } from './sqlite/dialect'
import { change, compileChange, compileQuery, preparedQuery, query } from './statement'

const nowMs = 1_700_000_000_000

describe('A query', () => {
  const workersSince = query(({ db, nowMs: now }) =>
    db
      .selectFrom('workers')
      .select('id')
      .where('seen_at_ms', '<', (eb) => eb(now, '-', eb.val(5))),
  )

  it('is compiled for each database, with its values apart from its text', () => {
    expect(compileQuery(workersSince, SQLITE, nowMs)).toEqual({
      sql: 'select "id" from "workers" where "seen_at_ms" < ? - ?',
      params: [1_700_000_000_000, 5],
    })
    // PostgreSQL asks the server for the time.
    const { sql, params } = compileQuery(workersSince, POSTGRES, nowMs)
    expect(sql).toContain('statement_timestamp()')
    expect(params).toEqual([5])
  })

  it('has the time at which it runs, not that at which it was built', () => {
    const times = [1, 2].map((time) => compileQuery(workersSince, SQLITE, time).params[0])
    expect(times).toEqual([1, 2])
  })
})

describe('A prepared query', () => {
  it('is built once for each database, and gets its values each time', () => {
    const built: string[] = []
    const byId = preparedQuery(({ db, name }, { id }: { id: string }) => {
      built.push(name)
      return db.selectFrom('workers').selectAll().where('id', '=', id)
    })
    const params = ["it's", '?'].flatMap((id) =>
      [SQLITE, POSTGRES].map((dialect) => compileQuery(byId({ id }), dialect, nowMs).params),
    )
    expect(params).toEqual([["it's"], ["it's"], ['?'], ['?']])
    expect(built).toEqual(['sqlite', 'postgres'])
  })

  it('fails without one of its values, instead of comparing with nothing', () => {
    const byId = preparedQuery(({ db }, { id }: { id: string }) =>
      db.selectFrom('workers').selectAll().where('id', '=', id),
    )
    expect(() => compileQuery(byId({} as { id: string }), SQLITE, nowMs)).toThrow('the query has no value for id')
  })
})

describe('A change', () => {
  it('carries how many rows it has to change, and what else it depends on', () => {
    const remove = change(({ db }) => db.deleteFrom('workers').where('id', '=', 'w'), {
      expectedRows: 1,
      guards: ['runs', 'catalog'],
      sharedGuards: ['policies'],
    })
    expect(compileChange(remove, SQLITE, nowMs)).toEqual({
      sql: 'delete from "workers" where "id" = ?',
      params: ['w'],
      expectedRows: 1,
      guards: ['runs', 'catalog'],
      sharedGuards: ['policies'],
    })
    const any = change(({ db }) => db.deleteFrom('workers'))
    expect(compileChange(any, SQLITE, nowMs)).toMatchObject({ expectedRows: null, guards: [], sharedGuards: [] })
  })
})

it('Only statements that server/db built are compiled', () => {
  class OtherQuery extends Query<unknown> {}
  class OtherChange extends Change {}
  expect(() => compileQuery(new OtherQuery(), SQLITE, nowMs)).toThrow('not built by server/db')
  expect(() => compileChange(new OtherChange(), SQLITE, nowMs)).toThrow('not built by server/db')
})
