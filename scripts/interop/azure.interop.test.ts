import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ConnectionSettings, ConnectionStorage } from '@/lib/contract/connections'
import { type Azurite, azuriteProgram, startAzurite } from '@/scripts/azurite'
import { pythonWithAzure } from '@/scripts/pyiceberg'
import { shownRows, useConsole } from './in-the-browser'
import { type Lakeshore, startLakeshore } from './lakeshore'
import { peer } from './peer'
import type { PythonSession } from './python-session'
import {
  connected,
  expectTrips,
  reachedByHandOut,
  type StoredTrips,
  startStoringPython,
  storeTrips,
  tripsByFile,
  tripsOf,
} from './stored-trips'
import { FIRST_TRIPS, SECOND_TRIP } from './trips'

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
  let trips: StoredTrips

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'azure-'))
    azurite = await startAzurite()
    lakeshore = await startLakeshore(folder)
    useConsole(lakeshore.console)
    const { endpoint, account, accountKey } = azurite
    session = startStoringPython({
      name: 'pyiceberg-azure',
      python: String(python),
      folder,
      io: {
        warehouse: `${root()}/wh`,
        'adls.connection-string': `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${accountKey};BlobEndpoint=${endpoint};`,
      },
    })
    trips = await storeTrips(session)
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

  test('is opened from its metadata file with the account’s key, and shown as PyIceberg has it', async () => {
    const settings = tripsByFile(trips.metadataLocation, storage({ kind: 'account-key' }))
    const states = await connected('key', settings, { storageAccountKey: azurite.accountKey })
    expect(states).toEqual(['address ok', 'tls skipped', 'login skipped', 'warehouse skipped', 'storage ok'])
    await expectTrips('key', trips)
  })

  test('is opened from its folder with a shared access signature', async () => {
    const settings = tripsByFile(trips.location, storage({ kind: 'sas' }))
    expect(await connected('sas', settings, { storageSas: azurite.sas })).toContain('storage ok')
    expect(await shownRows(tripsOf('sas'))).toEqual([...FIRST_TRIPS, SECOND_TRIP])
  })

  test('is found where it was copied to, with what its metadata says mapped', async () => {
    const settings: ConnectionSettings = {
      ...tripsByFile('wh-of-old/shop/trips', storage({ kind: 'account-key' })),
      mappings: [{ from: 'wh-of-old', to: `${root()}/wh` }],
    }
    const states = await connected('mapped', settings, { storageAccountKey: azurite.accountKey })
    expect(states).toContain('storage ok')
    expect(await shownRows(tripsOf('mapped'))).toHaveLength(3)
  })

  test('is reached by what a catalog hands out for it, and by nothing else of the connection', async () => {
    const named = `${azurite.account}.dfs.core.windows.net`
    const elsewhere = storage({ kind: 'anonymous' }, [root().replace('lake@', 'elsewhere@')])
    const { states, rows } = await reachedByHandOut(trips, { [`adls.sas-token.${named}`]: azurite.sas }, elsewhere)
    expect(states).toContain('storage ok')
    expect(rows).toEqual([...FIRST_TRIPS, SECOND_TRIP])
  })
})
