import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { actorFor } from '@/server/auth/actor'
import { CONSOLE } from '@/server/auth/console'
import { removeConnection } from '@/server/connections/connections'
import { readIndexedCatalogs, removeIndexedCatalog } from '@/server/db/search/indexed-catalogs'
import { readTableSizes } from '@/server/db/search/indexed-objects'
import { findConnectionByName } from '@/server/db/catalog/connections'
import { listRuns, queueRun, readRun } from '@/server/db/jobs/runs'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { registerExternally } from '@/testing/catalogs/external-writes'
import { createRestClient, createRestTokenAs, type RestClient } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { createServicesAt, createTestHome } from '@/testing/homes/test-home'
import { runContext } from '@/testing/jobs/run-context'
import { crawlLakeRuns, crawlRuns } from './crawl-catalog'
import { INDEX_CATALOG, queueCrawl, queueDueCrawls } from './crawl-queue'
import { indexPending } from './index-loop'
import { searchEverything } from './search-lake'

const testHome = createTestHome()
const ADMIN = actorFor(CONSOLE)
let engine: RestClient
let token: string
let listener: RestListener

const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
const signal = new AbortController().signal
const toIdentifier = (namespace: string, table: string) => ({ catalog: 'local', namespace: [namespace], table })

async function find(words: string): Promise<string[]> {
  const { hits } = await searchEverything(testHome.services, ADMIN, words, { signal, requestId: 'r' })
  return hits.map(({ catalog, namespace, name }) => [catalog, ...namespace, name].join('.'))
}

/** @param saveJournal may throw, as a worker that is killed does */
async function crawl(
  catalog: string,
  { journal = null, saveJournal }: { journal?: JsonObject | null; saveJournal?: (saved: JsonObject) => void } = {},
): Promise<JsonObject> {
  const sources = await testHome.services.catalogs.listSearchSources(ADMIN)
  const source = sources.find((one) => one.catalog === catalog)?.source ?? ''
  const spec = { catalog, source }
  const id = await queueRun(testHome.database, { kind: INDEX_CATALOG, title: 't', spec, actor: CONSOLE, table: null })
  const run = await readRun(testHome.database, id)
  if (!run) throw new Error('the run was not queued')
  const context = runContext(signal, { saveJournal: async (saved) => saveJournal?.(saved) })
  return crawlRuns(testHome.services).work({ ...run, journal }, context)
}

const doubledEntries = () =>
  testHome.database.read(
    rawQuery('SELECT name FROM search_entries GROUP BY object_id, kind, name, detail, target HAVING count(*) > 1'),
  )

beforeAll(async () => {
  token = await createRestTokenAs(testHome.services, 'admin')
  engine = createRestClient(testHome.services, token)
  for (const namespace of ['apples', 'berries', 'cherries']) {
    await engine('POST', 'local/namespaces', { body: { namespace: [namespace], properties: {} } })
    for (const name of [`${namespace}_red`, `${namespace}_green`]) {
      await engine('POST', `local/namespaces/${namespace}/tables`, { body: { name, schema: SCHEMA } })
    }
  }
  listener = await startRestListener(testHome.services)
})
afterAll(() => listener.stop())

describe('A crawl', () => {
  beforeEach(async () => {
    await removeIndexedCatalog(testHome.database, 'local')
  })

  it('finds what other programs wrote, reads what changed only, and removes what is gone', async () => {
    expect(await crawl('local')).toEqual({ listed: 6, read: 6, isTruncated: false })
    expect((await find('table:red')).sort()).toEqual([
      'local.apples.apples_red',
      'local.berries.berries_red',
      'local.cherries.cherries_red',
    ])
    expect(await readIndexedCatalogs(testHome.database)).toMatchObject([{ catalog: 'local', source: 'embedded' }])

    const catalog = await testHome.services.catalogs.open('local', ADMIN)
    const { metadataLocation } = await catalog.loadTable(toIdentifier('apples', 'apples_red'))
    await registerExternally(testHome.database, toIdentifier('berries', 'quince'), metadataLocation)
    expect(await find('quince')).toEqual([])
    expect(await crawl('local')).toEqual({ listed: 7, read: 1, isTruncated: false })
    expect(await find('table:quince')).toEqual(['local.berries.quince'])

    await testHome.database.commit([rawChange("DELETE FROM iceberg_tables WHERE table_name = 'quince'")])
    await crawl('local')
    expect(await find('quince')).toEqual([])
  })

  it('reads the size of a table from the summary of its snapshot, and does not know one that the summary leaves out', async () => {
    const addSnapshot = async (table: string, summary: Record<string, string>) => {
      const catalog = await testHome.services.catalogs.open('local', ADMIN)
      const { location } = (await catalog.loadTable(toIdentifier('berries', table))).metadata
      const snapshot = {
        'snapshot-id': 7,
        'sequence-number': 1,
        'timestamp-ms': Date.now(),
        'manifest-list': `${location}/metadata/snap-7.avro`,
        summary: { operation: 'append', ...summary },
        'schema-id': 0,
      }
      const ref = { 'ref-name': 'main', type: 'branch', 'snapshot-id': 7 }
      const updates = [
        { action: 'add-snapshot', snapshot },
        { action: 'set-snapshot-ref', ...ref },
      ]
      const { status } = await engine('POST', `local/namespaces/berries/tables/${table}`, {
        body: { requirements: [], updates },
      })
      expect(status).toBe(200)
    }
    for (const name of ['whole', 'partly', 'damaged'])
      await engine('POST', 'local/namespaces/berries/tables', { body: { name, schema: SCHEMA } })
    await addSnapshot('whole', { 'total-files-size': '4503599627370497', 'total-data-files': '12' })
    await addSnapshot('partly', { 'total-data-files': '3' })
    await addSnapshot('damaged', { 'total-files-size': 'many', 'total-data-files': '3' })
    await crawl('local')
    const sizes = await readTableSizes(testHome.database, 'local')
    const sizeOf = (name: string) => sizes.find(({ table }) => table === name)?.size
    expect(sizeOf('whole')).toEqual({ liveBytes: 4_503_599_627_370_497, dataFileCount: 12 })
    expect(sizeOf('partly')).toEqual({ liveBytes: null, dataFileCount: 3 })
    expect(sizeOf('damaged')).toEqual({ liveBytes: null, dataFileCount: null })
    expect(sizeOf('berries_red'), 'a table without a snapshot').toEqual({ liveBytes: 0, dataFileCount: 0 })
    for (const name of ['whole', 'partly', 'damaged']) await engine('DELETE', `local/namespaces/berries/tables/${name}`)
  })

  it('goes on after the namespace that it read last when its worker was killed', async () => {
    let saved: JsonObject | null = null
    const killAfterFirst = (journal: JsonObject) => {
      if (saved !== null) throw new Error('killed')
      saved = journal
    }
    await expect(crawl('local', { saveJournal: killAfterFirst })).rejects.toThrow('killed')
    expect(await readIndexedCatalogs(testHome.database)).toEqual([])
    // The tables of the second namespace were read, and its journal was not written.
    expect(await crawl('local', { journal: saved })).toMatchObject({ listed: 4 })
    expect((await find('table:green')).length).toBe(3)
    expect(await doubledEntries()).toEqual([])
    expect(await readIndexedCatalogs(testHome.database)).toMatchObject([{ catalog: 'local' }])
  })

  it('and two processes find what is committed meanwhile', async () => {
    const other = createServicesAt(testHome.config.homeDir)
    onTestFinished(() => other.database.close())
    const change = (comment: string) =>
      engine('POST', 'local/namespaces/apples/tables/apples_red', {
        body: { requirements: [], updates: [{ action: 'set-properties', updates: { comment } }] },
      })
    await change('first words')
    const indexAll = async (services = testHome.services) => {
      while ((await indexPending(services, signal)) > 0);
    }
    await Promise.all([crawl('local'), crawl('local'), indexAll(), indexAll(other), change('last words')])
    await indexAll()
    expect(await doubledEntries()).toEqual([])
    await crawl('local')
    expect(await find('last words')).toEqual(['local.apples.last words'])
    expect(await find('first words')).toEqual([])
  })
})

describe('A connection', () => {
  it('is crawled when it is new, found by what is in it, and removed from the index with it', async () => {
    await addMirror(testHome, { name: 'mirror', listener, token, admin: ADMIN })
    await queueDueCrawls(testHome.services)
    await queueDueCrawls(testHome.services)
    const queued = await listRuns(testHome.database, { exclusiveKey: `${INDEX_CATALOG} mirror`, limit: 10 })
    expect(queued).toHaveLength(1)
    const outdated = async () =>
      (await searchEverything(testHome.services, ADMIN, 'x', { signal, requestId: 'r' })).outdated
    expect(await outdated()).toContainEqual({ catalog: 'mirror', indexedAtMs: null })

    expect(await crawl('mirror')).toMatchObject({ listed: 6, read: 6 })
    expect(await find('table:apples_green')).toContain('mirror.apples.apples_green')
    expect(await outdated()).not.toContainEqual({ catalog: 'mirror', indexedAtMs: null })

    const connection = await findConnectionByName(testHome.database, 'mirror')
    if (!connection) throw new Error('there is no connection')
    await removeConnection(testHome.database, connection.connectionId, 'mirror', { actor: ADMIN, requestId: 'r' })
    expect(await find('mirror')).toEqual([])
    await queueDueCrawls(testHome.services)
    expect((await readIndexedCatalogs(testHome.database)).map(({ catalog }) => catalog)).not.toContain('mirror')
  })

  it('is crawled with all others by schedule, once at a time', async () => {
    const run = await readRun(
      testHome.database,
      await queueRun(testHome.database, { kind: 'index-lake', title: 't', spec: {}, actor: CONSOLE, table: null }),
    )
    if (!run) throw new Error('the run was not queued')
    expect(await crawlLakeRuns(testHome.services).work(run, runContext(signal))).toEqual({ catalogs: 1 })
    const source = { catalog: 'local', source: 'embedded' }
    const first = await queueCrawl(testHome.services, source, CONSOLE)
    expect(await queueCrawl(testHome.services, source, CONSOLE)).toBe(first)
  })
})
