import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { tableMetadataToJson } from '@/lib/iceberg/metadata/metadata-json'
import { createTestRestCatalog, errorReply, RestCatalogStandIn } from '@/testing/catalogs/rest-catalog-stand-in'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import type { CheckedTables } from './removal-journal'
import { loadSharingTables, type TableCheck } from './sharing-tables'

const HOUR_MS = 60 * 60 * 1000
const FOLDERS = ['s3://lake/ours']
/** In the order of their names; one has a folder within ours. */
const NAMES = Array.from({ length: 450 }, (_, i) => `t${String(i).padStart(3, '0')}`)
const NESTED = 't123'

let remote: RestCatalogStandIn

beforeEach(async () => {
  remote = await RestCatalogStandIn.start()
  remote.on('GET /v1/namespaces', (request) => ({
    body: { namespaces: request.query.get('parent') === null ? [['demo']] : [] },
  }))
  list(NAMES)
  for (const name of NAMES) addTable(name)
})
afterEach(() => remote.stop())

function list(names: readonly string[]): void {
  remote.on('GET /v1/namespaces/demo/tables', {
    body: { identifiers: names.map((name) => ({ namespace: ['demo'], name })) },
  })
}

function addTable(name: string): void {
  const location = name === NESTED ? 's3://lake/ours/nested' : `s3://lake/${name}`
  remote.on(`GET /v1/namespaces/demo/tables/${name}`, { body: loadResult(location) })
}

const SAMPLE_RESULT = stringifyExactJson({
  'metadata-location': 'LOCATION/metadata/1.json',
  metadata: tableMetadataToJson(sampleMetadata({ location: 'LOCATION' })),
})

function loadResult(location: string): string {
  return SAMPLE_RESULT.replaceAll('LOCATION', location)
}

function checkWith(change: Partial<TableCheck> = {}): TableCheck & { saved: CheckedTables[]; listed: number[] } {
  const saved: CheckedTables[] = []
  const listed: number[] = []
  return {
    signal: new AbortController().signal,
    ending: 'No file was removed.',
    nowMs: () => 1_000,
    checked: null,
    onTable: () => {},
    onListed: (...counts) => listed.push(...counts),
    saveChecked: async (checked) => void saved.push(checked),
    ...change,
    saved,
    listed,
  }
}

const open = () => createTestRestCatalog(remote.uri)
/** Requests of a cancelled check may arrive after it. */
const loadedTables = () => new Set(remote.routes().filter((route) => route.includes('/tables/t'))).size
const find = async (check: TableCheck) =>
  (await loadSharingTables(open(), FOLDERS, check)).map(({ identifier }) => identifier.table)

/** A check that is cancelled at the 250th table. */
async function interrupt(): Promise<CheckedTables> {
  const stop = new AbortController()
  const check = checkWith({
    signal: stop.signal,
    onTable: (checkedCount) => {
      if (checkedCount === 250) stop.abort(new Error('cancelled'))
    },
  })
  await expect(find(check)).rejects.toThrow('cancelled')
  expect(loadedTables()).toBeLessThan(260)
  const [checked] = check.saved
  if (!checked || check.saved.length > 1) throw new Error('one state of the look was to be saved')
  remote.received.length = 0
  return checked
}

describe('The look for tables that share a folder, in a catalog of another server', () => {
  it('reads every table, and says how far it is', async () => {
    const counts: number[] = []
    const check = checkWith({ onTable: (...both) => counts.push(...both) })
    expect(await find(check)).toEqual([NESTED])
    expect(check.listed).toEqual([0, 450])
    expect(counts.slice(0, 2)).toEqual([1, 450])
    expect(counts.slice(-2)).toEqual([450, 450])
    expect(check.saved.map(({ count }) => count)).toEqual([200, 400])
  })

  it('ends between two tables when it is cancelled, and goes on from there', async () => {
    const checked = await interrupt()
    expect(checked).toMatchObject({ count: 200, sharing: [{ table: NESTED }], startedAtMs: 1_000 })
    const check = checkWith({ checked, nowMs: () => HOUR_MS })
    expect(await find(check)).toEqual([NESTED])
    expect(check.listed).toEqual([200, 450])
    // The table that shares the folder is read again, and the rest for the first time.
    expect(loadedTables()).toBe(251)
    expect(check.saved).toMatchObject([{ count: 400, startedAtMs: 1_000 }])
  })

  it('begins again after an hour, and when there are other tables among those it has seen', async () => {
    const checked = await interrupt()
    const late = checkWith({ checked, nowMs: () => HOUR_MS + 2_000 })
    expect(await find(late)).toEqual([NESTED])
    expect(loadedTables()).toBe(450)

    addTable('t000b')
    list([...NAMES, 't000b'])
    const other = checkWith({ checked })
    expect(await find(other)).toEqual([NESTED])
    expect(other.listed).toEqual([0, 451])
  })

  it('ends with the first tables that settle it', async () => {
    expect(await find(checkWith({ isEnough: (found) => found.length > 0 }))).toEqual([NESTED])
    expect(loadedTables()).toBe(200)
  })

  it.each([
    ['dots', ['lake', '..'], 'lake%1F..'],
    ['an empty level', ['lake', ''], 'lake%1F'],
    ['a line break', ['lake\nhouse'], 'lake%0Ahouse'],
  ])('reads the tables of a namespace that another program named with %s', async (_what, namespace, path) => {
    list([NESTED])
    const parents = namespace.length > 1 ? [namespace.slice(0, 1)] : []
    remote
      .on('GET /v1/namespaces', ({ query }) => {
        const parent = query.get('parent')
        if (parent === null)
          return { body: { namespaces: [['demo'], ...(parents.length > 0 ? parents : [namespace])] } }
        return { body: { namespaces: parent === 'lake' ? [namespace] : [] } }
      })
      .on('GET /v1/namespaces/lake/tables', { body: { identifiers: [] } })
      .on(`GET /v1/namespaces/${path}`, { body: { namespace, properties: {} } })
      .on(`GET /v1/namespaces/${path}/tables`, { body: { identifiers: [{ namespace, name: 'odd' }] } })
      .on(`GET /v1/namespaces/${path}/tables/odd`, { body: loadResult('s3://lake/ours/odd') })
    expect((await find(checkWith())).toSorted()).toEqual(['odd', NESTED])
  })

  it.each([
    ['drops the empty level', { body: { namespace: ['lake'], properties: {} } }],
    ['does not know it', errorReply(404, 'NoSuchNamespaceException')],
  ])('is refused by a namespace with an empty level when the catalog %s in a request', async (_what, reply) => {
    remote
      .on('GET /v1/namespaces', ({ query }) => {
        const parent = query.get('parent')
        if (parent === null) return { body: { namespaces: [['demo'], ['lake']] } }
        return { body: { namespaces: parent.startsWith('lake') ? [['lake', '']] : [] } }
      })
      .on('GET /v1/namespaces/lake/tables', { body: { identifiers: [] } })
      .on('GET /v1/namespaces/lake%1F/tables', { body: { identifiers: [] } })
      .on('GET /v1/namespaces/lake%1F', reply)
    await expect(find(checkWith())).rejects.toMatchObject({ code: 'not-supported', namespace: ['lake', ''] })
    expect(loadedTables()).toBe(0)
  })

  it.each([
    [['..'], '[".."]'],
    [[''], '[""]'],
    [['a\u001fb'], '["a\\u001fb"]'],
  ])('is refused by the namespace %j, which no request can address, and names it', async (namespace, label) => {
    remote.on('GET /v1/namespaces', ({ query }) => ({
      body: { namespaces: query.get('parent') === null ? [['demo'], namespace] : [] },
    }))
    const check = checkWith({ unlistedRemedy: 'Drop it elsewhere.' })
    await expect(find(check)).rejects.toMatchObject({
      code: 'not-supported',
      namespace,
      message: `The namespace ${label} of remote cannot be listed, so it is not known whether a table in it uses these files: No request to the catalog can address it. No file was removed. Drop it elsewhere.`,
    })
    expect(loadedTables()).toBe(0)
  })

  it.each([
    [403, 'ForbiddenException', 'forbidden'],
    [404, 'NoSuchNamespaceException', 'not-found'],
    [500, 'InternalServerError', 'catalog-unavailable'],
  ])(
    'is refused by a namespace whose tables the catalog does not list (%i), and names it',
    async (status, type, code) => {
      remote.on('GET /v1/namespaces/demo/tables', errorReply(status, type, 'no list for you'))
      await expect(find(checkWith())).rejects.toMatchObject({
        code,
        message: expect.stringMatching(
          /^The namespace demo of remote cannot be listed, so it is not known whether a table in it uses these files: .+ No file was removed\.$/s,
        ),
      })
      expect(loadedTables()).toBe(0)
    },
  )

  it('is refused beyond 20,000 tables, and says so', async () => {
    list(Array.from({ length: 20_001 }, (_, i) => `n${i}`))
    await expect(find(checkWith())).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringMatching(/more than 20,000 tables or namespaces.* No file was removed\.$/),
    })
    expect(loadedTables()).toBe(0)
  })
})
