import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ConnectionSettings, ConnectionStorage } from '@/lib/contract/connections'
import { type Azurite, installAzurite, startAzurite } from '@/testing/stores/azurite'
import { installPyicebergForS3AndAzure } from '@/testing/peers/install-pyiceberg'
import { readShownRows, stubFetchWith } from '@/testing/product/browser-client'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'
import { installOrSkip } from '@/testing/peers/install-or-skip'
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
 * A table that PyIceberg writes to Azure with adlfs, seen in the console. Pages get every byte from the server, so the
 * account does not have to admit browsers.
 */

const program = await installOrSkip('Azurite', installAzurite)
const python = program === null ? null : installPyicebergForS3AndAzure()

describe.skipIf(python === null)('A table in Azure (skipped when Azurite or adlfs is unavailable)', () => {
  let folder: string
  let azurite: Azurite
  let lakeshore: Lakeshore
  let session: PythonSession
  let trips: StoredTrips

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'azure-'))
    azurite = await startAzurite()
    lakeshore = await startLakeshore(folder)
    stubFetchWith(lakeshore.console)
    const { endpoint, account, accountKey } = azurite
    session = startPyicebergWithStore({
      name: 'pyiceberg-azure',
      python: String(python),
      folder,
      io: {
        warehouse: `${root()}/wh`,
        'adls.connection-string': `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${accountKey};BlobEndpoint=${endpoint};`,
      },
    })
    trips = await createStoredTrips(session)
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

  test('is opened from its metadata file with the account’s key, and shown as PyIceberg reads it', async () => {
    const settings = tripsFileConnection(trips.metadataLocation, storage({ kind: 'account-key' }))
    const states = await addAndTestConnection('key', settings, { storageAccountKey: azurite.accountKey })
    expect(states).toEqual(['address ok', 'tls skipped', 'login skipped', 'warehouse skipped', 'storage ok'])
    await expectTrips('key', trips)
  })

  test('is opened from its folder with a shared access signature', async () => {
    const settings = tripsFileConnection(trips.location, storage({ kind: 'sas' }))
    expect(await addAndTestConnection('sas', settings, { storageSas: azurite.sas })).toContain('storage ok')
    expect(await readShownRows(tripsIdentifier('sas'))).toEqual([...FIRST_TRIPS, SECOND_TRIP])
  })

  test('is found in the folder it was copied to, by a path mapping', async () => {
    const settings: ConnectionSettings = {
      ...tripsFileConnection('wh-of-old/shop/trips', storage({ kind: 'account-key' })),
      mappings: [{ from: 'wh-of-old', to: `${root()}/wh` }],
    }
    const states = await addAndTestConnection('mapped', settings, { storageAccountKey: azurite.accountKey })
    expect(states).toContain('storage ok')
    expect(await readShownRows(tripsIdentifier('mapped'))).toHaveLength(3)
  })

  test('is read with the config that a catalog vends, without the connection’s own storage', async () => {
    const host = `${azurite.account}.dfs.core.windows.net`
    const otherStorage = storage({ kind: 'anonymous' }, [root().replace('lake@', 'elsewhere@')])
    const { states, rows } = await readByVendedConfig(trips, { [`adls.sas-token.${host}`]: azurite.sas }, otherStorage)
    expect(states).toContain('storage ok')
    expect(rows).toEqual([...FIRST_TRIPS, SECOND_TRIP])
  })
})
