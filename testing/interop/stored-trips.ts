import { expect } from 'vitest'
import { call } from '@/lib/api/call'
import {
  addConnection,
  type ConnectionSettings,
  type ConnectionStorage,
  testConnection,
} from '@/lib/contract/connections'
import { listFiles } from '@/lib/contract/table/files'
import { listSnapshots } from '@/lib/contract/table/snapshots'
import { getTable } from '@/lib/contract/table/tables'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { RowValue } from '@/lib/scan/read/row-values'
import { RestCatalogStandIn } from '@/testing/catalogs/rest-catalog-stand-in'
import { readShownRows } from '@/testing/product/browser-client'
import { type PythonProgram, type PythonSession, startPython } from '@/testing/peers/python-session'
import { testPatiently } from './test-patiently'
import { FIRST_TRIPS, CREATE_TRIPS, SECOND_TRIP } from './trips'

/** `shop.trips` as PyIceberg writes it to an external store, opened by connections that name its location. */

export type StoredTrips = {
  location: string
  metadataLocation: string
  /** The metadata file in the store. */
  metadata: string
  /** Oldest first. */
  snapshotIds: string[]
}

/**
 * Starts PyIceberg with its own catalog in a local folder, and the files of its tables in `io`.
 *
 * @param io the warehouse, and the properties with which PyIceberg reaches it
 */
export function startPyicebergWithStore({
  folder,
  io,
  ...program
}: Pick<PythonProgram, 'name' | 'python' | 'env'> & { folder: string; io: Record<string, string> }): PythonSession {
  return startPython({
    ...program,
    program: 'pyiceberg_session.py',
    settings: {
      type: 'sql',
      uri: `sqlite:///${folder}/catalog.db`,
      'py-io-impl': 'pyiceberg.io.fsspec.FsspecFileIO',
      ...io,
    },
  })
}

export async function createStoredTrips(session: PythonSession): Promise<StoredTrips> {
  const snapshotIds = await session.request<string[]>({ code: CREATE_TRIPS })
  const stored = await session.request<Omit<StoredTrips, 'snapshotIds'>>({
    code: `
trips = catalog.load_table('shop.trips')
text = trips.io.new_input(trips.metadata_location).open().read()
answer = {'location': trips.location(), 'metadataLocation': trips.metadata_location, 'metadata': text.decode()}`,
  })
  return { ...stored, snapshotIds }
}

export function tripsIdentifier(catalog: string): TableIdentifier {
  return { catalog, namespace: ['shop'], table: 'trips' }
}

/** @param metadataLocation of the metadata file, or of the table's folder */
export function tripsFileConnection(metadataLocation: string, storage: ConnectionStorage): ConnectionSettings {
  return {
    kind: 'files',
    tables: [{ namespace: ['shop'], table: 'trips', metadataLocation }],
    storage,
    mappings: [],
  }
}

/** Adds the connection and tests it. @returns its steps with their results: `storage ok` */
export async function addAndTestConnection(
  name: string,
  settings: ConnectionSettings,
  secrets: Record<string, string> = {},
): Promise<string[]> {
  const { connectionId } = await call(addConnection, { name, settings, secrets })
  const { steps } = await testPatiently(() => call(testConnection, { connection: connectionId }))
  return steps.map(({ step, state }) => `${step} ${state}`)
}

/** Expects that the console shows the table as PyIceberg reads it. */
export async function expectTrips(catalog: string, { location, snapshotIds }: StoredTrips): Promise<void> {
  const identifier = tripsIdentifier(catalog)
  const detail = await call(getTable, identifier)
  expect(detail.location).toBe(location)
  expect(detail.figures).toMatchObject({ rowCount: 3, dataFileCount: 3 })
  const { snapshots } = await call(listSnapshots, identifier)
  expect(snapshots.map(({ snapshotId }) => snapshotId)).toEqual(snapshotIds.toReversed())
  const { files } = await call(listFiles, identifier)
  expect(files.map(({ partition }) => partition).sort()).toEqual(['city=ABQ', 'city=JFK', 'city=ÅBC'])
  expect(await readShownRows(identifier)).toEqual([...FIRST_TRIPS, SECOND_TRIP])
  expect(await readShownRows(identifier, { snapshotId: String(snapshotIds[0]) })).toEqual(FIRST_TRIPS)
}

/**
 * Reads the table with the config that a catalog vends. @returns the results of the connection test, and the rows
 *
 * @param config the vended config
 * @param ownStorage the connection's own storage, which cannot reach the table
 */
export async function readByVendedConfig(
  { metadataLocation, metadata }: StoredTrips,
  config: Record<string, string>,
  ownStorage: ConnectionStorage,
): Promise<{ states: string[]; rows: (RowValue | null)[][] }> {
  const catalog = await RestCatalogStandIn.start()
  catalog
    .on('GET /v1/namespaces', { body: { namespaces: [['shop']] } })
    .on('GET /v1/namespaces/shop/tables', { body: { identifiers: [{ namespace: ['shop'], name: 'trips' }] } })
    .on('GET /v1/namespaces/shop/tables/trips', {
      // As text, because its ids are too large for JavaScript numbers.
      body: `{"metadata-location":${JSON.stringify(metadataLocation)},"metadata":${metadata},"config":${JSON.stringify(config)}}`,
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
      storage: ownStorage,
      mappings: [],
      ownCredentials: 'off',
    }
    return {
      states: await addAndTestConnection('vended', settings),
      rows: await readShownRows(tripsIdentifier('vended')),
    }
  } finally {
    await catalog.stop()
  }
}
