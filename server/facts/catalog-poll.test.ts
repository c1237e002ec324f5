import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { actorFor } from '@/server/auth/actor'
import { CONSOLE } from '@/server/auth/console'
import { addConnection } from '@/server/connections/connections'
import type { Database } from '@/server/db/database'
import { findHistory } from '@/server/db/facts/histories'
import { renamedFactCatalogChanges } from '@/server/db/facts/renamed-catalog'
import { LakeStandIn } from '@/testing/catalogs/lake-stand-in'
import { errorReply } from '@/testing/catalogs/rest-catalog-stand-in'
import { type TestClock, useTestClock } from '@/testing/clock'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { createTestHome } from '@/testing/homes/test-home'
import { CatalogPoll } from './catalog-poll'
import { EtagCache } from './etag-cache'

/** From the responses of another catalog to the rows of histories, with steps in place of the seconds between them. */

const MINUTE_MS = 60_000
/** In this time a table that is read once a minute is due once at least, wherever in the minute that is. */
const ROUND_MS = 76_000

const testHome = createTestHome()
const { signal } = new AbortController()
let count = 0
let clock: TestClock
let lake: LakeStandIn
let catalog: string

const tableOf = (table: string): TableIdentifier => ({ catalog, namespace: ['sales'], table })
const createPoll = (database: Database = testHome.database) =>
  new CatalogPoll({ ...testHome.services, database }, catalog, new EtagCache())

/** Listing, reading and confirming are begun by separate steps. */
async function round(poll: CatalogPoll): Promise<void> {
  for (let step = 0; step < 4; step += 1) {
    poll.step(signal)
    await poll.whenIdle()
  }
}

async function roundAfter(poll: CatalogPoll, ms: number): Promise<void> {
  await clock.advance(ms)
  await round(poll)
}

async function rowsOf(table: string): Promise<string[]> {
  const rows = await testHome.database.read(
    rawQuery<{ kind: string; added: number | null; removed: number | null }>(
      `SELECT c.kind, c.rows_added AS added, c.rows_removed AS removed FROM fact_commits c
         JOIN fact_tables t ON t.id = c.table_id WHERE t.catalog = ? AND t.table_name = ? ORDER BY t.id, c.seq`,
      [catalog, table],
    ),
  )
  return rows.map(({ kind, added, removed }) => `${kind} +${added} -${removed}`)
}

async function eventsOf(table: string): Promise<string[]> {
  const events = await testHome.database.read(
    rawQuery<{ kind: string }>(
      `SELECT e.kind FROM fact_events e JOIN fact_tables t ON t.id = e.table_id
        WHERE t.catalog = ? AND t.table_name = ? ORDER BY e.id`,
      [catalog, table],
    ),
  )
  return events.map(({ kind }) => kind)
}

const totalOf = async (table: string) => (await findHistory(testHome.database, tableOf(table)))?.state.total.rows
const tagsSent = (table: string) => lake.loads(table).map(({ headers }) => headers.get('if-none-match') !== null)

beforeEach(async () => {
  clock = useTestClock()
  lake = await LakeStandIn.start()
  count += 1
  catalog = `lake${count}`
  const settings = {
    kind: 'rest' as const,
    uri: lake.uri,
    warehouse: null,
    prefix: null,
    auth: { kind: 'none' as const },
    headerNames: [],
    delegation: 'vended-credentials' as const,
    storage: null,
    mappings: [],
    ownCredentials: 'off' as const,
  }
  const context = { actor: actorFor(CONSOLE), requestId: 'r' }
  await addConnection(testHome.services, { name: catalog, settings, secrets: {} }, context)
})
afterEach(() => lake.stop())

describe('A poll of another catalog', () => {
  it('reads a table again only when its ETag has changed, and requests no credentials', async () => {
    lake.create('orders')
    lake.commit('orders', 10, clock.nowMs())
    const poll = createPoll()
    await round(poll)
    expect(await rowsOf('orders')).toEqual(['commit +10 -0'])
    await roundAfter(poll, ROUND_MS)
    lake.commit('orders', 5, clock.nowMs())
    await roundAfter(poll, ROUND_MS)
    expect(await rowsOf('orders')).toEqual(['commit +10 -0', 'commit +5 -0'])
    expect(tagsSent('orders')).toEqual([false, true, true])
    expect(lake.headersOf('x-iceberg-access-delegation').every((value) => value === null)).toBe(true)
    expect(poll.report()).toMatchObject({ tableCount: 1, unreadCount: 0, lateCount: 0, problem: null })
    expect(poll.report()?.completeAtMs).toBe(testHome.database.nowMs())
  })

  it('finds within an hour what a catalog with wrong ETags has committed', async () => {
    lake.etags = 'always-unchanged'
    lake.create('orders')
    const poll = createPoll()
    await round(poll)
    lake.commit('orders', 5, clock.nowMs())
    for (let minute = 0; minute < 62; minute += 1) await roundAfter(poll, MINUTE_MS)
    expect(await totalOf('orders')).toBe(5)
    expect(tagsSent('orders').filter((isSent) => !isSent)).toHaveLength(2)
  })

  it('reads tables without ETags in the rhythm of their commits, and names versions without files', async () => {
    lake.etags = 'none'
    lake.namesFiles = false
    for (const [name, everyMs] of [
      ['busy', MINUTE_MS],
      ['daily', 24 * 60 * MINUTE_MS],
    ] as const) {
      lake.create(name)
      for (let index = 12; index > 0; index -= 1) lake.commit(name, 1, clock.nowMs() - index * everyMs)
    }
    const poll = createPoll()
    await round(poll)
    for (let minute = 0; minute < 59; minute += 1) {
      lake.commit('busy', 1, clock.nowMs())
      for (let part = 0; part < 3; part += 1) await roundAfter(poll, MINUTE_MS / 3)
    }
    expect(lake.loads('busy').length).toBeGreaterThan(50)
    expect(lake.loads('daily').length).toBeLessThanOrEqual(3)
    expect(await totalOf('busy')).toBe(71)
    expect(await totalOf('daily')).toBe(12)
  })

  it('reads no more than its budget of tables that may not have changed', async () => {
    lake.etags = 'none'
    const names = Array.from({ length: 20 }, (_, index) => `t${index}`)
    for (const name of names) lake.create(name)
    const padding = ' '.repeat(10_000)
    lake.override = (path) => {
      const name = path.split('/').at(-1) ?? ''
      const table = lake.tables.get(name)
      return table && path.endsWith(`tables/${name}`) ? { body: `${lake.bodyOf(name)}${padding}` } : null
    }
    const poll = new CatalogPoll(testHome.services, catalog, new EtagCache(), { bytesPerMinute: 60_000 })
    await round(poll)
    const readCount = () => names.filter((name) => lake.loads(name).length > 0).length
    const first = readCount()
    expect(first).toBeLessThan(12)
    expect(poll.report()).toMatchObject({ completeAtMs: null, lateCount: 20 - first })
    for (let minute = 0; minute < 4; minute += 1) await roundAfter(poll, MINUTE_MS)
    expect(readCount()).toBe(20)
  })

  it('reads a table with an old ETag also when the budget is used up', async () => {
    lake.create('tagged')
    const poll = new CatalogPoll(testHome.services, catalog, new EtagCache(), { bytesPerMinute: 100 })
    await round(poll)
    lake.create('large')
    const padding = ' '.repeat(100_000)
    lake.override = (path) => (path.endsWith('/large') ? { body: `${lake.bodyOf('large')}${padding}` } : null)
    for (let minute = 0; minute < 65; minute += 1) await roundAfter(poll, MINUTE_MS)
    const count = lake.loads('tagged').length
    lake.commit('tagged', 1, clock.nowMs())
    await roundAfter(poll, ROUND_MS)
    expect(tagsSent('tagged').slice(1, count + 1)).toEqual(Array.from({ length: count }, () => true))
    expect(await totalOf('tagged')).toBe(1)
  })

  it('stores nothing under a name that the connection no longer has', async () => {
    lake.create('orders')
    lake.commit('orders', 5, clock.nowMs())
    const poll = createPoll()
    await round(poll)
    const renamed = `${catalog}-renamed`
    await testHome.database.commit([
      ...renamedFactCatalogChanges(catalog, renamed),
      rawChange('UPDATE connections SET name = ? WHERE name = ?', [renamed, catalog], 1),
    ])
    lake.commit('orders', 1, clock.nowMs())
    await roundAfter(poll, ROUND_MS)
    expect(tagsSent('orders').length).toBeGreaterThan(1)
    expect(await totalOf('orders')).toBeUndefined()
    catalog = renamed
    expect(await totalOf('orders')).toBe(5)
  })

  it('ends the history of a dropped table when a complete listing and a load say so', async () => {
    for (const name of ['orders', 'kept', 'hidden']) {
      lake.create(name)
      lake.commit(name, 7, clock.nowMs())
    }
    const poll = createPoll()
    await round(poll)

    const failing = (reply: (path: string) => ReturnType<typeof errorReply> | null) => {
      lake.override = (path) => reply(path)
    }
    // The catalog no longer permits the list, or leaves tables out of it that it still has.
    failing((path) => (path.endsWith('/tables') ? errorReply(403, 'ForbiddenException') : null))
    await roundAfter(poll, 11 * MINUTE_MS)
    await roundAfter(poll, 2 * MINUTE_MS)
    failing((path) => {
      if (path.endsWith('/tables')) return { body: { identifiers: [{ namespace: ['sales'], name: 'kept' }] } }
      return path.endsWith('hidden') ? errorReply(403, 'ForbiddenException') : null
    })
    await roundAfter(poll, 11 * MINUTE_MS)
    await roundAfter(poll, 2 * MINUTE_MS)
    expect(await Promise.all(['orders', 'kept', 'hidden'].map(totalOf))).toEqual([7, 7, 7])

    lake.override = () => null
    lake.tables.delete('orders')
    await roundAfter(poll, 11 * MINUTE_MS)
    await roundAfter(poll, 2 * MINUTE_MS)
    expect(await totalOf('orders')).toBeUndefined()
    expect(await rowsOf('orders')).toEqual(['commit +7 -0', 'cleared +0 -7'])
    expect(await Promise.all(['kept', 'hidden'].map(totalOf))).toEqual([7, 7])
  })

  it('drops nothing while the catalog is down, and goes on when it is back', async () => {
    lake.create('orders')
    lake.commit('orders', 7, clock.nowMs())
    const poll = createPoll()
    await round(poll)
    expect(poll.report()?.completeAtMs).toBe(testHome.database.nowMs())
    lake.override = () => errorReply(401, 'NotAuthorizedException')
    await roundAfter(poll, 11 * MINUTE_MS)
    const sent = lake.requestCount()
    await roundAfter(poll, 1_000)
    expect(lake.requestCount(), 'it waits').toBe(sent)
    expect(poll.report()).toMatchObject({ problem: { code: 'catalog-refused' } })
    const { completeAtMs } = poll.report() ?? {}
    expect(completeAtMs).toBeLessThan(testHome.database.nowMs() - 10 * MINUTE_MS)

    lake.override = () => null
    lake.commit('orders', 1, clock.nowMs())
    await roundAfter(poll, 11 * MINUTE_MS)
    expect(await rowsOf('orders')).toEqual(['commit +7 -0', 'commit +1 -0'])
    expect(poll.report()?.problem).toBeNull()
  })

  it('waits as long as the catalog requests', async () => {
    lake.create('orders')
    const poll = createPoll()
    await round(poll)
    lake.override = () => ({ ...errorReply(429, 'TooManyRequests'), headers: { 'retry-after': '1200' } })
    await roundAfter(poll, ROUND_MS)
    const sent = lake.requestCount()
    await roundAfter(poll, 19 * MINUTE_MS)
    expect(lake.requestCount()).toBe(sent)
    await roundAfter(poll, 2 * MINUTE_MS)
    expect(lake.requestCount()).toBeGreaterThan(sent)
  })

  it('finds a renamed table by its UUID, also under the name that another one had', async () => {
    for (const [index, name] of ['orders', 'returns'].entries()) {
      lake.create(name)
      lake.commit(name, index + 1, clock.nowMs())
    }
    const poll = createPoll()
    await round(poll)
    const roundsAfterRename = async () => {
      for (const minutes of [11, 2, 2]) await roundAfter(poll, minutes * MINUTE_MS)
    }
    lake.rename('orders', 'all_orders')
    await roundsAfterRename()
    lake.rename('returns', 'orders')
    await roundsAfterRename()
    expect(await eventsOf('all_orders')).toEqual(['renamed'])
    expect([await rowsOf('all_orders'), await rowsOf('orders')]).toEqual([['commit +1 -0'], ['commit +2 -0']])

    // A table that is read under its new name before the other one is found was dropped for a while.
    lake.rename('all_orders', 'swapped')
    lake.rename('orders', 'all_orders')
    await roundsAfterRename()
    expect([await totalOf('swapped'), await totalOf('all_orders'), await totalOf('orders')]).toEqual([1, 2, undefined])
    const live = rawQuery('SELECT id FROM fact_tables WHERE catalog = ? AND dropped_at_ms IS NULL', [catalog])
    expect(await testHome.database.read(live)).toHaveLength(2)
  })

  it('counts nothing twice when two processes read at once', async () => {
    for (const name of ['orders', 'returns']) {
      lake.create(name)
      for (let rows = 1; rows <= 5; rows += 1) lake.commit(name, rows, clock.nowMs())
    }
    const polls = [createPoll(), createPoll()]
    await Promise.all(polls.map(round))
    for (let rows = 6; rows <= 8; rows += 1) {
      lake.commit('orders', rows, clock.nowMs())
      await clock.advance(ROUND_MS)
      await Promise.all(polls.map(round))
    }
    expect(await rowsOf('orders')).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((rows) => `commit +${rows} -0`))
    expect([await totalOf('orders'), await totalOf('returns')]).toEqual([36, 15])
  })

  it('reads a version again that it could not store', async () => {
    lake.create('orders')
    lake.commit('orders', 3, clock.nowMs())
    const refusal = { isOn: true }
    const database: Database = Object.create(testHome.database, {
      commit: {
        value: (...changes: Parameters<Database['commit']>) => {
          if (refusal.isOn) throw new AppError('database-unavailable', 'The database does not answer.')
          return testHome.database.commit(...changes)
        },
      },
    })
    const poll = createPoll(database)
    await round(poll)
    refusal.isOn = false
    await roundAfter(poll, ROUND_MS)
    expect(await rowsOf('orders')).toEqual(['commit +3 -0'])
    expect(tagsSent('orders').slice(0, 2)).toEqual([false, false])
  })

  it('leaves a table alone that is missing for a moment', async () => {
    lake.create('orders')
    lake.commit('orders', 3, clock.nowMs())
    const poll = createPoll()
    await round(poll)
    lake.override = (path) => (path.endsWith('/orders') ? errorReply(404, 'NoSuchTableException') : null)
    await roundAfter(poll, ROUND_MS)
    lake.override = () => null
    lake.commit('orders', 4, clock.nowMs())
    await roundAfter(poll, 11 * MINUTE_MS)
    expect(await rowsOf('orders')).toEqual(['commit +3 -0', 'commit +4 -0'])
  })

  it('reads all other tables when one is damaged, and that one when it is repaired', async () => {
    for (const name of ['damaged', 'whole']) {
      lake.create(name)
      lake.commit(name, 2, clock.nowMs())
    }
    lake.override = (path) => (path.endsWith('/damaged') ? { body: { metadata: { 'format-version': 2 } } } : null)
    const poll = createPoll()
    await round(poll)
    expect([await totalOf('damaged'), await totalOf('whole')]).toEqual([undefined, 2])
    expect(poll.report()).toMatchObject({ unreadCount: 1, lateCount: 0, problem: null })
    for (let minute = 0; minute < 30; minute += 1) await roundAfter(poll, MINUTE_MS)
    expect(lake.loads('damaged').length).toBeLessThan(10)
    lake.override = () => null
    await roundAfter(poll, 61 * MINUTE_MS)
    expect(await totalOf('damaged')).toBe(2)
  })
})
