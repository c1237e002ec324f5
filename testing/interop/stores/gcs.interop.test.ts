import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ConnectionStorage } from '@/lib/contract/connections'
import { installGcsServer, type GcsServer, startGcsServer } from '@/testing/stores/gcs-server'
import { installPyicebergForGcs } from '@/testing/peers/install-pyiceberg'
import { readShownRows, stubFetchWith } from '@/testing/product/browser-client'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'
import type { PythonSession } from '@/testing/peers/python-session'
import {
  addAndTestConnection,
  expectTrips,
  readByVendedConfig,
  type StoredTrips,
  startPyicebergWithStore,
  createStoredTrips,
  tripsFileConnection,
  tripsIdentifier,
} from '../stored-trips'
import { FIRST_TRIPS, SECOND_TRIP } from '../trips'

/**
 * A table that PyIceberg writes to Google Cloud Storage with gcsfs, seen in the console. Pages get every byte from the
 * server, so the bucket does not have to admit browsers.
 */

const python = installGcsServer() === null ? null : installPyicebergForGcs()

describe.skipIf(python === null)('A table in Google’s store (skipped when its emulator is unavailable)', () => {
  let folder: string
  let server: GcsServer
  let lakeshore: Lakeshore
  let session: PythonSession
  let trips: StoredTrips
  const issuedTokens: string[] = []
  /** A stand-in for the metadata server of a machine at Google. */
  const metadataServer = createServer(({ url = '' }, response) => {
    const isToken = url.includes('/token')
    if (isToken) issuedTokens.push(url)
    response.writeHead(200, {
      'metadata-flavor': 'Google',
      'content-type': isToken ? 'application/json' : 'text/plain',
    })
    response.end(isToken ? '{"access_token":"machine","expires_in":3599,"token_type":"Bearer"}' : 'googleapis.com')
  })

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
    stubFetchWith(lakeshore.console)
    session = startPyicebergWithStore({
      name: 'pyiceberg-gcs',
      python: String(python),
      folder,
      // The emulator does not support gRPC, with which gcsfs would look for folders.
      env: { GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT: 'false' },
      io: {
        warehouse: `gs://${server.bucket}/wh`,
        'gcs.service.host': server.endpoint,
        'gcs.oauth2.token': 'anon',
        'gcs.project-id': 'lakeshore',
      },
    })
    trips = await createStoredTrips(session)
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

  test.each(['file', 'folder'] as const)(
    'is opened from its metadata %s, and shown as PyIceberg reads it',
    async (target) => {
      const location = target === 'file' ? trips.metadataLocation : trips.location
      const states = await addAndTestConnection(target, tripsFileConnection(location, storage('gs://lake/wh')))
      expect(states).toEqual(['address ok', 'tls skipped', 'login skipped', 'warehouse skipped', 'storage ok'])
      await expectTrips(target, trips)
    },
  )

  test('is opened with the machine’s credentials that Google’s library finds', async () => {
    const settings = tripsFileConnection(trips.location, storage('gs://lake/wh', 'machine'))
    expect(await addAndTestConnection('machine', settings)).toContain('storage ok')
    expect(issuedTokens.length).toBeGreaterThan(0)
    expect(await readShownRows(tripsIdentifier('machine'))).toEqual([...FIRST_TRIPS, SECOND_TRIP])
  })

  test('is read with the config that a catalog vends, without the connection’s own storage', async () => {
    const config = { 'gcs.oauth2.token': 't0', 'gcs.service.host': server.endpoint }
    const { states, rows } = await readByVendedConfig(trips, config, storage('gs://elsewhere'))
    expect(states).toContain('storage ok')
    expect(rows).toEqual([...FIRST_TRIPS, SECOND_TRIP])
  })
})
