import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { call } from '@/lib/client/call'
import {
  addConnection,
  type ConnectionSettings,
  type ConnectionStorage,
  type ConnectionTest,
  testConnection,
} from '@/lib/contract/connections'
import { listFiles } from '@/lib/contract/files'
import { listSnapshots } from '@/lib/contract/snapshots'
import { getTable } from '@/lib/contract/tables'
import { type Azurite, azuriteProgram, startAzurite } from '@/scripts/azurite'
import { pythonWithAzure } from '@/scripts/pyiceberg'
import { TestRestCatalog } from '@/scripts/test-rest-catalog'
import { shownRows, useConsole } from './in-the-browser'
import { type Lakeshore, startLakeshore } from './lakeshore'
import { peer } from './peer'
import { type PythonSession, startPython } from './python-session'
import { FIRST_TRIPS, MAKE_TRIPS, SECOND_TRIP } from './trips'

/**
 * A table that PyIceberg keeps in Azure, as adlfs writes it, seen in the console: its pages get every byte from the
 * server, so that the account has to let no browser in.
 */

const program = await peer('Azurite', azuriteProgram)
const python = program === null ? null : pythonWithAzure()

describe.skipIf(python === null)('A table in Azure (skipped where Azurite or adlfs cannot be had)', () => {
  let folder: string
  let azurite: Azurite
  let lakeshore: Lakeshore
  let session: PythonSession
  let snapshotIds: string[]
  let table: { location: string; metadataLocation: string; metadata: string }

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'azure-'))
    azurite = await startAzurite()
    lakeshore = await startLakeshore(folder)
    useConsole(lakeshore.console)
    const { endpoint, account, accountKey, container } = azurite
    session = startPython({
      name: 'pyiceberg-azure',
      python: String(python),
      program: 'pyiceberg_session.py',
      settings: {
        type: 'sql',
        uri: `sqlite:///${folder}/catalog.db`,
        warehouse: `abfss://${container}@${account}.dfs.core.windows.net/wh`,
        'py-io-impl': 'pyiceberg.io.fsspec.FsspecFileIO',
        'adls.connection-string': `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${accountKey};BlobEndpoint=${endpoint};`,
      },
    })
    snapshotIds = await session.ask({ code: MAKE_TRIPS })
    table = await session.ask({
      code: `
import json
trips = catalog.load_table('shop.trips')
text = trips.io.new_input(trips.metadata_location).open().read()
answer = {'location': trips.location(), 'metadataLocation': trips.metadata_location, 'metadata': text.decode()}`,
    })
  })
  afterAll(async () => {
    vi.unstubAllGlobals()
    await session?.stop()
    await lakeshore?.stop()
    await azurite?.stop()
    rmSync(folder, { recursive: true })
  })

  const root = () => `abfss://${azurite.container}@${azurite.account}.dfs.core.windows.net`
  const storage = (
    credentials: Extract<ConnectionStorage, { kind: 'azure' }>['credentials'],
    roots = [`${root()}/wh`],
  ): ConnectionStorage => ({ kind: 'azure', roots, endpoint: azurite.endpoint, credentials })
  const files = (metadataLocation: string, of: ConnectionStorage): ConnectionSettings => ({
    kind: 'files',
    tables: [{ namespace: ['shop'], table: 'trips', metadataLocation }],
    storage: of,
    mappings: [],
  })
  const ref = (catalog: string) => ({ catalog, namespace: ['shop'], table: 'trips' })

  async function added(name: string, settings: ConnectionSettings, secrets: Record<string, string>) {
    const { connectionId } = await call(addConnection, { name, settings, secrets })
    return call(testConnection, { connection: connectionId })
  }

  test('is opened from its metadata file with the account’s key, and shown as PyIceberg has it', async () => {
    const settings = files(table.metadataLocation, storage({ kind: 'account-key' }))
    const tested = await added('key', settings, { storageAccountKey: azurite.accountKey })
    expect(statesOf(tested)).toEqual(['address ok', 'tls skipped', 'login skipped', 'warehouse skipped', 'storage ok'])
    const detail = await call(getTable, ref('key'))
    expect(detail.location).toBe(table.location)
    expect(detail.figures).toMatchObject({ rowCount: 3, dataFileCount: 3 })
    const { snapshots } = await call(listSnapshots, ref('key'))
    expect(snapshots.map(({ snapshotId }) => snapshotId)).toEqual(snapshotIds.toReversed())
    expect((await call(listFiles, ref('key'))).files.map(({ partition }) => partition).sort()).toEqual([
      'city=ABQ',
      'city=JFK',
      'city=ÅBC',
    ])
    expect(await shownRows(ref('key'))).toEqual([...FIRST_TRIPS, SECOND_TRIP])
    expect(await shownRows(ref('key'), { snapshotId: String(snapshotIds[0]) })).toEqual(FIRST_TRIPS)
  })

  test('is opened from its folder with a shared access signature', async () => {
    const settings = files(table.location, storage({ kind: 'sas' }))
    expect(statesOf(await added('sas', settings, { storageSas: azurite.sas }))).toContain('storage ok')
    expect(await shownRows(ref('sas'))).toEqual([...FIRST_TRIPS, SECOND_TRIP])
  })

  test('is found where it was copied to, with what its metadata says mapped', async () => {
    const settings = {
      ...files('wh-of-old/shop/trips', storage({ kind: 'account-key' })),
      mappings: [{ from: 'wh-of-old', to: `${root()}/wh` }],
    }
    expect(statesOf(await added('mapped', settings, { storageAccountKey: azurite.accountKey }))).toContain('storage ok')
    expect(await shownRows(ref('mapped'))).toHaveLength(3)
  })

  test('is reached by what a catalog hands out for it, and by nothing else of the connection', async () => {
    const catalog = await TestRestCatalog.start()
    const named = `${azurite.account}.dfs.core.windows.net`
    catalog
      .on('GET /v1/namespaces', { body: { namespaces: [['shop']] } })
      .on('GET /v1/namespaces/shop/tables', { body: { identifiers: [{ namespace: ['shop'], name: 'trips' }] } })
      .on('GET /v1/namespaces/shop/tables/trips', {
        body: `{"metadata-location":${JSON.stringify(table.metadataLocation)},"metadata":${table.metadata},
          "config":{"adls.sas-token.${named}":${JSON.stringify(azurite.sas)}}}`,
      })
    try {
      const settings: ConnectionSettings = {
        kind: 'rest',
        uri: catalog.uri,
        warehouse: null,
        prefix: null,
        auth: { kind: 'none' },
        headerNames: [],
        delegation: 'vended-credentials',
        storage: storage({ kind: 'anonymous' }, [root().replace('lake@', 'elsewhere@')]),
        mappings: [],
        ownCredentials: 'off',
      }
      expect(statesOf(await added('vended', settings, {}))).toContain('storage ok')
      expect(await shownRows(ref('vended'))).toEqual([...FIRST_TRIPS, SECOND_TRIP])
    } finally {
      await catalog.stop()
    }
  })
})

function statesOf({ steps }: ConnectionTest): string[] {
  return steps.map(({ step, state }) => `${step} ${state}`)
}
