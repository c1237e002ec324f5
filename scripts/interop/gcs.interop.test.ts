import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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
import { gcsServerProgram, type GcsServer, startGcsServer } from '@/scripts/gcs-server'
import { pythonWithGcs } from '@/scripts/pyiceberg'
import { TestRestCatalog } from '@/scripts/test-rest-catalog'
import { shownRows, useConsole } from './in-the-browser'
import { type Lakeshore, startLakeshore } from './lakeshore'
import { type PythonSession, startPython } from './python-session'
import { FIRST_TRIPS, MAKE_TRIPS, SECOND_TRIP } from './trips'

/**
 * A table that PyIceberg keeps in Google Cloud Storage, as gcsfs writes it, seen in the console: its pages get every
 * byte from the server, so that the bucket has to let no browser in.
 */

const python = gcsServerProgram() === null ? null : pythonWithGcs()

describe.skipIf(python === null)('A table in Google’s store (skipped where its stand-in cannot be had)', () => {
  let folder: string
  let server: GcsServer
  let lakeshore: Lakeshore
  let session: PythonSession
  let snapshotIds: string[]
  const tokensGiven: string[] = []
  /** What a machine of Google's asks who it is. */
  const metadataServer = createServer(({ url = '' }, response) => {
    const isToken = url.includes('/token')
    if (isToken) tokensGiven.push(url)
    response.writeHead(200, {
      'metadata-flavor': 'Google',
      'content-type': isToken ? 'application/json' : 'text/plain',
    })
    response.end(isToken ? '{"access_token":"machine","expires_in":3599,"token_type":"Bearer"}' : 'googleapis.com')
  })
  let table: { location: string; metadataLocation: string; metadata: string }

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'gcs-'))
    server = await startGcsServer()
    await new Promise<void>((resolve) => void metadataServer.listen(0, '127.0.0.1', resolve))
    const { port } = metadataServer.address() as AddressInfo
    lakeshore = await startLakeshore(folder, {
      GCE_METADATA_HOST: `127.0.0.1:${port}`,
      GOOGLE_APPLICATION_CREDENTIALS: '',
      CLOUDSDK_CONFIG: folder,
    })
    useConsole(lakeshore.console)
    session = startPython({
      name: 'pyiceberg-gcs',
      python: String(python),
      program: 'pyiceberg_session.py',
      // Its stand-in does not speak gRPC, where gcsfs would look for folders.
      env: { GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT: 'false' },
      settings: {
        type: 'sql',
        uri: `sqlite:///${folder}/catalog.db`,
        warehouse: `gs://${server.bucket}/wh`,
        'py-io-impl': 'pyiceberg.io.fsspec.FsspecFileIO',
        'gcs.service.host': server.endpoint,
        'gcs.oauth2.token': 'anon',
        'gcs.project-id': 'lakeshore',
      },
    })
    snapshotIds = await session.ask({ code: MAKE_TRIPS })
    table = await session.ask({
      code: `
trips = catalog.load_table('shop.trips')
text = trips.io.new_input(trips.metadata_location).open().read()
answer = {'location': trips.location(), 'metadataLocation': trips.metadata_location, 'metadata': text.decode()}`,
    })
  })
  afterAll(async () => {
    vi.unstubAllGlobals()
    await session?.stop()
    await lakeshore?.stop()
    await server?.stop()
    metadataServer.close()
    rmSync(folder, { recursive: true })
  })

  const storage = (root: string, kind: 'machine' | 'anonymous' = 'anonymous'): ConnectionStorage => ({
    kind: 'gcs',
    roots: [root],
    endpoint: server.endpoint,
    credentials: { kind },
  })
  const ref = (catalog: string) => ({ catalog, namespace: ['shop'], table: 'trips' })

  async function added(name: string, settings: ConnectionSettings) {
    const { connectionId } = await call(addConnection, { name, settings, secrets: {} })
    return statesOf(await call(testConnection, { connection: connectionId }))
  }

  test.each(['file', 'folder'] as const)(
    'is opened from its metadata %s, and shown as PyIceberg has it',
    async (place) => {
      const metadataLocation = place === 'file' ? table.metadataLocation : table.location
      const tables = [{ namespace: ['shop'], table: 'trips', metadataLocation }]
      const found = await added(place, { kind: 'files', tables, storage: storage('gs://lake/wh'), mappings: [] })
      expect(found).toEqual(['address ok', 'tls skipped', 'login skipped', 'warehouse skipped', 'storage ok'])
      const detail = await call(getTable, ref(place))
      expect(detail.location).toBe(table.location)
      expect(detail.figures).toMatchObject({ rowCount: 3, dataFileCount: 3 })
      const { snapshots } = await call(listSnapshots, ref(place))
      expect(snapshots.map(({ snapshotId }) => snapshotId)).toEqual(snapshotIds.toReversed())
      const { files } = await call(listFiles, ref(place))
      expect(files.map(({ partition }) => partition).sort()).toEqual(['city=ABQ', 'city=JFK', 'city=ÅBC'])
      expect(await shownRows(ref(place))).toEqual([...FIRST_TRIPS, SECOND_TRIP])
      expect(await shownRows(ref(place), { snapshotId: String(snapshotIds[0]) })).toEqual(FIRST_TRIPS)
    },
  )

  test('is opened with the credentials of the machine, where Google’s library finds some', async () => {
    const tables = [{ namespace: ['shop'], table: 'trips', metadataLocation: table.location }]
    const settings: ConnectionSettings = {
      kind: 'files',
      tables,
      storage: storage('gs://lake/wh', 'machine'),
      mappings: [],
    }
    expect(await added('machine', settings)).toContain('storage ok')
    expect(tokensGiven.length).toBeGreaterThan(0)
    expect(await shownRows(ref('machine'))).toEqual([...FIRST_TRIPS, SECOND_TRIP])
  })

  test('is reached by what a catalog hands out for it, and by nothing else of the connection', async () => {
    const catalog = await TestRestCatalog.start()
    catalog
      .on('GET /v1/namespaces', { body: { namespaces: [['shop']] } })
      .on('GET /v1/namespaces/shop/tables', { body: { identifiers: [{ namespace: ['shop'], name: 'trips' }] } })
      .on('GET /v1/namespaces/shop/tables/trips', {
        body: `{"metadata-location":${JSON.stringify(table.metadataLocation)},"metadata":${table.metadata},
          "config":{"gcs.oauth2.token":"t0","gcs.service.host":${JSON.stringify(server.endpoint)}}}`,
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
        storage: storage('gs://elsewhere'),
        mappings: [],
        ownCredentials: 'off',
      }
      expect(await added('vended', settings)).toContain('storage ok')
      expect(await shownRows(ref('vended'))).toEqual([...FIRST_TRIPS, SECOND_TRIP])
    } finally {
      await catalog.stop()
    }
  })
})

function statesOf({ steps }: ConnectionTest): string[] {
  return steps.map(({ step, state }) => `${step} ${state}`)
}
