import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { actorFor } from '@/server/auth/actor'
import { CONSOLE } from '@/server/auth/console'
import { addConnection, changeConnection, removeConnection } from '@/server/connections/connections'
import { findConnectionByName } from '@/server/db/catalog/connections'
import { findFactCatalog, readFactCatalogs } from '@/server/db/facts/fact-catalogs'
import { readHeldLeases } from '@/server/db/facts/leases'
import { findHistory } from '@/server/db/facts/histories'
import { LEVEL_SEPARATOR } from '@/lib/names/identifiers'
import { LakeStandIn } from '@/testing/catalogs/lake-stand-in'
import { type TestClock, useTestClock } from '@/testing/clock'
import { createTestHome } from '@/testing/homes/test-home'
import { OtherCatalogs } from './other-catalogs'
import { OwnCatalogPoll } from './own-catalog'

/** Several catalogs and several processes. Time passes only when a test moves the clock. */

const FOLDER = mkdtempSync(path.join(tmpdir(), 'lakeshore-tables-'))
const testHome = createTestHome({ LAKESHORE_LOCAL_ROOTS: FOLDER })
const { signal } = new AbortController()
const context = { actor: actorFor(CONSOLE), requestId: 'r' }
let clock: TestClock
let lakes: { name: string; lake: LakeStandIn }[] = []

async function addLake(name: string, change: { ownCredentials?: 'off' | 'required' } = {}): Promise<LakeStandIn> {
  const lake = await LakeStandIn.start()
  lakes.push({ name, lake })
  const settings = {
    kind: 'rest' as const,
    uri: lake.uri,
    warehouse: null,
    prefix: null,
    auth: { kind: 'bearer' as const },
    headerNames: [],
    delegation: 'none' as const,
    storage: null,
    mappings: [],
    ownCredentials: 'off' as const,
    ...change,
  }
  await addConnection(testHome.services, { name, settings, secrets: { token: 't' } }, context)
  lake.create('orders')
  lake.commit('orders', 5, clock.nowMs())
  return lake
}

async function removeLake(name: string): Promise<void> {
  const connection = await findConnectionByName(testHome.database, name)
  if (connection) await removeConnection(testHome.database, connection.connectionId, name, context)
}

const totalOf = async (catalog: string) =>
  (await findHistory(testHome.database, { catalog, namespace: ['sales'], table: 'orders' }))?.state.total.rows

type Process = { others: OtherCatalogs; stop: AbortController }

function startProcess(owner: string): Process {
  const others = new OtherCatalogs(testHome.services, owner)
  onTestFinished(() => others.stop())
  return { others, stop: new AbortController() }
}

/** Lets the seconds of a while pass one by one, as far as responses come in between. */
async function passSeconds(seconds: number, processes: readonly Process[]): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await clock.advance(1_000)
    // Responses come over a real socket.
    await new Promise((resolve) => setTimeout(resolve, 5))
    if (second % 10 === 0) for (const { others, stop } of processes) await others.step(stop.signal)
  }
}

beforeEach(() => {
  clock = useTestClock()
})
afterEach(async () => {
  for (const { name, lake } of lakes) {
    await removeLake(name)
    await lake.stop()
  }
  lakes = []
})

afterAll(() => rmSync(FOLDER, { recursive: true }))

describe('The catalogs of connections', () => {
  it('are read while one of them hangs, and say how old their histories are', async () => {
    const hanging = await addLake('hanging')
    await addLake('quick')
    const process = startProcess('a')
    await passSeconds(30, [process])
    expect([await totalOf('hanging'), await totalOf('quick')]).toEqual([5, 5])

    hanging.override = () => ({ afterMs: 3_600_000 })
    const hungAtMs = testHome.database.nowMs()
    for (const { lake } of lakes) lake.commit('orders', 1, clock.nowMs())
    await passSeconds(150, [process])
    expect([await totalOf('hanging'), await totalOf('quick')]).toEqual([5, 6])
    const nowMs = testHome.database.nowMs()
    const quick = await findFactCatalog(testHome.database, 'quick')
    expect(quick).toMatchObject({ tableCount: 1, unreadCount: 0, lateCount: 0, problem: null })
    expect(quick?.completeAtMs).toBeGreaterThan(nowMs - 90_000)
    const hung = await findFactCatalog(testHome.database, 'hanging')
    expect(hung?.answeredAtMs).toBeLessThanOrEqual(hungAtMs)
    expect(hung).toMatchObject({ unreadCount: 1 })
  })

  it('are polled by one process each, and by another one when that is killed', async () => {
    await addLake('first')
    await addLake('second')
    const processes = [startProcess('a'), startProcess('b')]
    await passSeconds(25, processes)
    expect([await totalOf('first'), await totalOf('second')]).toEqual([5, 5])
    // The other process would have read them without an ETag, too.
    for (const { lake } of lakes) {
      const untagged = lake.loads('orders').filter(({ headers }) => !headers.has('if-none-match'))
      expect(untagged).toHaveLength(1)
    }

    for (const { stop } of processes) stop.abort()
    for (const { lake } of lakes) lake.commit('orders', 1, clock.nowMs())
    const survivor = startProcess('c')
    await passSeconds(30, [survivor])
    expect([await totalOf('first'), await totalOf('second')], 'the leases have not ended').toEqual([5, 5])
    await passSeconds(120, [survivor])
    expect([await totalOf('first'), await totalOf('second')]).toEqual([6, 6])
  })

  it('are not polled without their connection, or without credentials for it', async () => {
    const personal = await addLake('personal', { ownCredentials: 'required' })
    const removed = await addLake('removed')
    const process = startProcess('a')
    await passSeconds(25, [process])
    expect(personal.requestCount()).toBe(0)
    expect(await findFactCatalog(testHome.database, 'personal')).toMatchObject({
      answeredAtMs: null,
      problem: { code: 'credentials-required' },
    })
    const { connectionId } = (await findConnectionByName(testHome.database, 'removed')) ?? { connectionId: '' }
    await removeLake('removed')
    await passSeconds(11, [process])
    const count = removed.requestCount()
    await passSeconds(80, [process])
    expect(removed.requestCount()).toBe(count)
    expect((await readFactCatalogs(testHome.database)).map(({ catalog }) => catalog)).not.toContain('removed')
    // The history stays, and another connection of that name has its own.
    expect(await totalOf('removed')).toBeUndefined()
    expect(await totalOf(`${LEVEL_SEPARATOR}${connectionId}`)).toBe(5)
  })

  it('take their history along when the connection is renamed', async () => {
    const lake = await addLake('before')
    const process = startProcess('a')
    await passSeconds(25, [process])
    expect(await totalOf('before')).toBe(5)
    const connection = await findConnectionByName(testHome.database, 'before')
    if (connection === null) throw new Error('there is no connection')
    const { connectionId, settings, version } = connection
    const form = { name: 'after', settings, secrets: { token: 't' }, version }
    await changeConnection(testHome.services, connectionId, form, context)
    for (const one of lakes) if (one.lake === lake) one.name = 'after'
    expect([await totalOf('before'), await totalOf('after')]).toEqual([undefined, 5])
    lake.commit('orders', 1, clock.nowMs())
    await passSeconds(100, [process])
    expect([await totalOf('before'), await totalOf('after')]).toEqual([undefined, 6])
  })
})

it('A connection whose settings change is polled with these at once', async () => {
  const before = await addLake('moved')
  const process = startProcess('a')
  await passSeconds(25, [process])
  const after = await LakeStandIn.start()
  lakes.push({ name: 'moved', lake: after })
  after.create('orders', before.tables.get('orders')?.uuid)
  const connection = await findConnectionByName(testHome.database, 'moved')
  if (connection?.settings.kind !== 'rest') throw new Error('There is no connection.')
  const { connectionId, version, settings } = connection
  const form = { name: 'moved', settings: { ...settings, uri: after.uri }, secrets: { token: 't' }, version }
  await changeConnection(testHome.services, connectionId, form, context)
  await passSeconds(25, [process])
  expect(after.loads('orders').length).toBeGreaterThan(0)
})

it('A process that stops gives its catalogs to the others at once', async () => {
  await addLake('handed')
  const stopping = startProcess('a')
  await passSeconds(25, [stopping])
  stopping.stop.abort()
  await stopping.others.stop()
  expect(await readHeldLeases(testHome.database)).toEqual(new Set())
  lakes[0]?.lake.commit('orders', 1, clock.nowMs())
  await passSeconds(25, [startProcess('b')])
  expect(await totalOf('handed')).toBe(6)
})

describe('Tables that are opened from their files', () => {
  it('have a history, too', async () => {
    const lake = await addLake('source')
    const writeVersion = (version: number) => {
      const body = lake.bodyOf('orders')
      const metadata = body.slice(body.indexOf('"metadata":') + '"metadata":'.length, -1)
      writeFileSync(path.join(FOLDER, 'orders', 'metadata', `v${version}.metadata.json`), metadata)
    }
    mkdirSync(path.join(FOLDER, 'orders', 'metadata'), { recursive: true })
    writeVersion(1)
    const settings = {
      kind: 'files' as const,
      tables: [{ namespace: ['sales'], table: 'orders', metadataLocation: `file://${FOLDER}/orders` }],
      storage: { kind: 'local' as const, roots: [FOLDER] },
      mappings: [],
    }
    await addConnection(testHome.services, { name: 'folder', settings, secrets: {} }, context)
    onTestFinished(() => removeLake('folder'))
    const process = startProcess('a')
    await passSeconds(25, [process])
    expect(await totalOf('folder')).toBe(5)
    lake.commit('orders', 2, clock.nowMs())
    writeVersion(2)
    await passSeconds(90, [process])
    expect(await totalOf('folder')).toBe(7)
  })
})

describe('Our own catalog', () => {
  it('says how old its history is', async () => {
    await new OwnCatalogPoll(testHome.services).run(signal)
    const nowMs = testHome.database.nowMs()
    expect(await findFactCatalog(testHome.database, 'local')).toMatchObject({ completeAtMs: nowMs, problem: null })
  })
})
