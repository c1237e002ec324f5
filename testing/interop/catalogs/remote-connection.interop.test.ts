import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { call } from '@/lib/api/call'
import { listCatalogs } from '@/lib/contract/catalogs'
import {
  addConnection,
  type ConnectionTest,
  getConnection,
  listConnections,
  type RestConnection,
  testConnection,
  testConnectionForm,
} from '@/lib/contract/connections'
import { getNamespace, listNamespaceContents, listNamespaces, listTables } from '@/lib/contract/namespaces'
import { getTable } from '@/lib/contract/table/tables'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { startS3Server } from '@/testing/stores/s3-server'
import { readShownRows, stubFetchWith } from '@/testing/product/browser-client'
import { REST_FIXTURE } from '@/testing/peers/jars'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'
import { fetchJars } from '@/testing/peers/maven'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import type { PythonSession } from '@/testing/peers/python-session'
import { openPyiceberg } from '@/testing/peers/shared/open-peer'
import { type RestFixture, startRestFixture } from '@/testing/peers/rest-fixture'
import { testPatiently } from '../test-patiently'
import { CREATE_TRIPS, pyicebergS3Properties, testTrips } from '../trips'

/**
 * A connection to Iceberg's own REST server with its tables in an S3 store, used through the product's API as its pages
 * use it.
 */

/** The lists give each catalog five seconds, which a busy machine may exceed. */
const UNTIL_LISTED = { timeout: 120_000, interval: 500 }

const jar = await installOrSkip('Iceberg’s REST fixture', () => fetchJars([REST_FIXTURE]))
const python = installPyiceberg()
const s3 = jar === null || python === null ? null : await startS3Server()

describe.skipIf(s3 === null)('A connection to Iceberg’s REST server (skipped when it is unavailable)', () => {
  let folder: string
  let fixture: RestFixture
  let lakeshore: Lakeshore
  let session: PythonSession
  let snapshotIds: string[]
  const store = s3!

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'remote-connection-'))
    fixture = await startRestFixture(folder, { s3: store })
    lakeshore = await startLakeshore(folder)
    stubFetchWith(lakeshore.console)
    session = openPyiceberg({ uri: fixture.uri, ...pyicebergS3Properties(store) })
    snapshotIds = await session.request({ code: CREATE_TRIPS })
  })
  afterAll(async () => {
    vi.unstubAllGlobals()
    await session?.stop()
    await lakeshore?.stop()
    await fixture?.stop()
    await store.stop()
    rmSync(folder, { recursive: true })
  })

  const secrets = { storageSecretAccessKey: store.secretAccessKey }
  const settings = (changed: Partial<RestConnection> = {}): RestConnection => ({
    kind: 'rest',
    uri: fixture.uri,
    warehouse: null,
    prefix: null,
    auth: { kind: 'none' },
    headerNames: [],
    delegation: 'none',
    storage: storageWith({ kind: 'keys', accessKeyId: store.accessKeyId }),
    mappings: [],
    ownCredentials: 'off',
    ...changed,
  })
  const storageWith = (credentials: { kind: 'keys'; accessKeyId: string } | { kind: 'anonymous' }) => ({
    kind: 's3' as const,
    roots: [`s3://${store.bucket}`],
    endpoint: store.endpoint,
    region: store.region,
    isPathStyle: true,
    credentials,
  })
  const tableIdentifier = (catalog: string) => ({ catalog, namespace: ['shop'], table: 'trips' })

  test.each([
    ['fixture', 'its own keys', () => settings(), secrets],
    [
      'vended',
      'the keys that the catalog vends',
      () => settings({ delegation: 'vended-credentials', storage: storageWith({ kind: 'anonymous' }) }),
      {},
    ],
  ])('is added as %s with %s, and passes each step of its test', async (name, _, createSettings, givenSecrets) => {
    const form = { settings: createSettings(), secrets: givenSecrets }
    expect(failedStep(await testPatiently(() => call(testConnectionForm, form)))).toBeNull()
    const { connectionId } = await call(addConnection, { name, ...form })
    const tested = await testPatiently(() => call(testConnection, { connection: connectionId }))
    expect(tested.steps.map(({ step, state }) => [step, state])).toEqual([
      ['address', 'ok'],
      ['tls', 'skipped'],
      ['login', 'ok'],
      ['warehouse', 'ok'],
      ['storage', 'ok'],
    ])
    const { lastTest, storedSecrets } = await call(getConnection, { connection: connectionId })
    expect(lastTest).toEqual(tested)
    expect(storedSecrets).toEqual(Object.keys(givenSecrets))
    expect(JSON.stringify(await call(listConnections, {}))).not.toContain(store.secretAccessKey)
    expect(await readShownRows(tableIdentifier(name))).toHaveLength(3)
  })

  test('names the step that fails: the address, the login, the warehouse, the storage', async () => {
    const testConnectionWith = async (
      changed: Partial<RestConnection>,
      givenSecrets: Record<string, string> = secrets,
    ) => {
      const form = { settings: settings(changed), secrets: givenSecrets }
      return failedStep(await testPatiently(() => call(testConnectionForm, form)))
    }
    expect(await testConnectionWith({ uri: 'http://127.0.0.1:9' })).toMatchObject({ step: 'address' })
    expect(await testConnectionWith({ uri: `${fixture.uri}/elsewhere` })).toMatchObject({ step: 'warehouse' })
    expect(await testConnectionWith({ prefix: 'nowhere' })).toMatchObject({ step: 'warehouse' })
    expect(await testConnectionWith({}, { storageSecretAccessKey: 'not the key' })).toMatchObject({ step: 'storage' })
    const otherStorage = { ...storageWith({ kind: 'keys', accessKeyId: store.accessKeyId }), roots: ['s3://elsewhere'] }
    expect(await testConnectionWith({ storage: otherStorage })).toMatchObject({
      step: 'storage',
      detail: expect.stringContaining('allowed locations'),
    })
    // Iceberg's server has neither logins nor warehouses; Lakeshore's own has both.
    const own = { uri: lakeshore.uri, auth: { kind: 'bearer' }, storage: null } as const
    const { token } = lakeshore
    expect(await testConnectionWith({ ...own, warehouse: 'local' }, { token })).toBeNull()
    expect(
      await testConnectionWith({ ...own, warehouse: 'local' }, { token: `${token.slice(0, -4)}AAAA` }),
    ).toMatchObject({
      step: 'login',
    })
    expect(await testConnectionWith({ ...own, warehouse: 'nowhere' }, { token })).toMatchObject({
      step: 'warehouse',
      detail: expect.stringContaining('nowhere'),
    })
  })

  test('can be browsed like any catalog', async () => {
    const listed = async () =>
      (await call(listCatalogs, {})).catalogs.map(({ name, kind, problem }) => [name, kind, problem])
    await expect.poll(listed, UNTIL_LISTED).toEqual([
      ['fixture', 'rest', null],
      ['local', 'embedded', null],
      ['vended', 'rest', null],
    ])
    const { namespaces } = await call(listNamespaces, { catalog: 'fixture' })
    expect(namespaces).toMatchObject([{ namespace: ['shop'], tableCount: 1 }])
    expect((await call(getNamespace, tableIdentifier('fixture'))).properties).toMatchObject({ owner: 'ann' })
    expect((await call(listTables, tableIdentifier('fixture'))).tables).toEqual(['trips'])
    expect((await call(listNamespaceContents, tableIdentifier('fixture'))).entries).toMatchObject([
      { kind: 'table', table: 'trips', summary: { rowCount: 3, partitionedBy: 'town' }, problem: null },
    ])
  })

  describe.each(['fixture', 'vended'])('%s', (name) => {
    if (name === 'vended') {
      beforeAll(async () => {
        snapshotIds = await session.request({
          code: `catalog.drop_table('shop.trips')\ncatalog.drop_namespace('shop')\n${CREATE_TRIPS}`,
        })
      })
    }
    testTrips(() => ({ identifier: tableIdentifier(name), python: session, snapshotIds }))
  })

  test('is shown as unavailable, in its own row, while it is stopped, and as available afterwards', async () => {
    await fixture.stop()
    const { catalogs } = await call(listCatalogs, {})
    expect(catalogs.map(({ name, problem }) => [name, problem?.code ?? null])).toEqual([
      ['fixture', 'catalog-unavailable'],
      ['local', null],
      ['vended', 'catalog-unavailable'],
    ])
    const disconnected = { code: 'catalog-unavailable' }
    await expect(call(listNamespaces, { catalog: 'fixture' })).rejects.toMatchObject(disconnected)
    await expect(call(getTable, tableIdentifier('fixture'))).rejects.toMatchObject(disconnected)
    expect(await call(listNamespaces, { catalog: 'local' })).toMatchObject({ namespaces: [] })

    fixture = await startRestFixture(folder, { s3: store, port: Number(new URL(fixture.uri).port) })
    expect(await readShownRows(tableIdentifier('fixture'))).toHaveLength(3)
    expect(await readShownRows(tableIdentifier('vended'))).toHaveLength(3)
  })
})

function failedStep({ steps }: ConnectionTest) {
  return steps.find(({ state }) => state === 'failed') ?? null
}
