import 'server-only'
import type { Services } from '@/server/services'
import type { Stores } from '@/server/storage/stores'
import type {
  ConnectionSettings,
  ConnectionStorage,
  ConnectionTest,
  FilesConnection,
  RestConnection,
} from '@/lib/contract/connections'
import type { AppError } from '@/lib/errors'
import { type Namespace, namespaceLabel, type TableRef } from '@/lib/iceberg/identifiers'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'
import { connectedStore, type OpenedConnection } from '@/server/catalog/open-connection'
import { keepTest } from '@/server/db/connections'
import { accountOf, accountUrl } from '@/server/storage/azure/account'
import { GOOGLE } from '@/server/storage/gcs/gcs-url'
import { checkedSettings } from './checked-settings'
import { connectionAudit } from './connection-audit'
import { requireConnection } from './connections'
import { reach, shakeHands } from './reach'
import { openSecrets, type Secrets, secretsFor } from './secrets'
import { STEP_MS, TestSteps } from './test-steps'
import { isOfCatalog, refusalOf, wordsOfStorage } from './test-words'

type Asked = { actor: Actor; signal: AbortSignal; requestId: string }

/** A catalog may have many empty namespaces before the first table; more than these are not looked into. */
const MAX_NAMESPACES = 20
const MAX_FILES_TABLES = 10
/** Whoever does not answer is then named as itself, before the step has taken too long. */
const PATIENCE = { mostTries: 1, timeoutMs: STEP_MS - 1_000 }

/**
 * Tries a stored connection and keeps what was found.
 *
 * @throws {AppError} not-found, secrets-unreadable
 */
export async function testStored(services: Services, connectionId: string, asked: Asked): Promise<ConnectionTest> {
  const connection = await requireConnection(services.database, connectionId)
  const { name, settings } = connection
  const test = await runTest(
    services,
    { name, settings, secrets: openSecrets(services.config, connection), own: null },
    asked.signal,
  )
  await keepTest(services.database, connection, test, [auditOf(name, test, asked)])
  return test
}

/**
 * Tries settings that are not stored.
 *
 * @param connectionId the connection that is being changed: secrets that are not given are its
 * @throws {AppError} invalid-request, forbidden, not-found
 */
export async function testForm(
  services: Services,
  form: { settings: ConnectionSettings; secrets: Secrets },
  connectionId: string | null,
  asked: Asked,
): Promise<ConnectionTest> {
  const kept = connectionId === null ? null : await requireConnection(services.database, connectionId)
  const settings = checkedSettings(services.config, form.settings)
  const secrets = secretsFor(services.config, settings, form.secrets, kept)
  const name = kept?.name ?? 'this connection'
  const test = await runTest(services, { name, settings, secrets, own: null }, asked.signal)
  await services.database.commit([auditOf(name, test, asked)])
  return test
}

function auditOf(name: string, test: ConnectionTest, asked: Asked) {
  const failedStep = test.steps.find(({ state }) => state === 'failed')?.step ?? null
  return connectionAudit('test-connection', asked, { before: null, after: { name, failedStep } })
}

async function runTest(services: Services, opened: OpenedConnection, signal: AbortSignal): Promise<ConnectionTest> {
  const steps = new TestSteps(services.log, signal)
  const { settings } = opened
  if (settings.kind === 'rest') await tryRest(services, steps, opened, settings)
  else await tryFiles(services, steps, opened, settings)
  return steps.result(Date.now())
}

async function tryRest(
  services: Pick<Services, 'catalogs' | 'stores'>,
  steps: TestSteps,
  opened: OpenedConnection,
  settings: RestConnection,
): Promise<void> {
  await tryAddress(steps, new URL(settings.uri))
  const { auth } = settings
  if (auth.kind === 'oauth2' && auth.tokenUri !== null) {
    const tokenUrl = new URL(auth.tokenUri)
    await steps.attempt('login', async (signal) => {
      const address = await reach(tokenUrl, signal)
      if (tokenUrl.protocol === 'https:') await shakeHands(tokenUrl, address, signal)
    })
  }
  const catalog = await steps.attempt('login', () => services.catalogs.connect(opened, PATIENCE))
  if (catalog === null) return
  const accepted = auth.kind === 'none' ? 'The catalog asks for no login.' : 'The catalog accepts the credentials.'
  const told = (asked: 'config' | 'names') => (error: AppError) => {
    const refused = refusalOf(error, settings, asked)
    // Whoever looks for a warehouse or a right has let us in.
    if (refused.step === 'warehouse' && error.code !== 'catalog-unavailable') steps.ok('login', accepted)
    return refused
  }
  const abilities = await steps.attempt('warehouse', (signal) => catalog.abilities({ signal }), told('config'))
  if (abilities === null) return
  const names = await steps.attempt('warehouse', (signal) => catalog.listNamespaces(null, { signal }), told('names'))
  if (names === null) return
  const count = names.length === 1 ? '1 namespace' : `${names.length} namespaces`
  const writes = abilities.has('commit-table') ? '' : ' It can be read, not changed.'
  steps.ok('login', accepted)
  steps.ok('warehouse', `${count} at the top.${writes}`)
  await tryFilesOf(services.stores, steps, catalog, opened, names)
}

async function tryAddress(steps: TestSteps, url: URL): Promise<void> {
  const address = await steps.attempt('address', (signal) => reach(url, signal))
  if (address === null) return
  steps.ok('address', `${url.host} answers at ${address}.`)
  if (url.protocol === 'http:') {
    steps.skip('tls', 'http:// sends everything in the clear, secrets too: use https:// beyond a private network.')
    return
  }
  const shaken = await steps.attempt('tls', async (signal) => {
    await shakeHands(url, address, signal)
    return true
  })
  if (shaken) steps.ok('tls', 'The certificate is good.')
}

async function tryFiles(
  services: Pick<Services, 'catalogs' | 'stores'>,
  steps: TestSteps,
  opened: OpenedConnection,
  settings: FilesConnection,
): Promise<void> {
  const { storage } = settings
  const place = placeOf(storage)
  if (place instanceof URL) await tryAddress(steps, place)
  else {
    steps.skip('address', place)
    steps.skip('tls', 'Nothing to shake hands with.')
  }
  steps.skip('login', 'There is no catalog to log in to.')
  steps.skip('warehouse', 'The tables are listed in the connection itself.')
  const catalog = await steps.attempt('storage', () => services.catalogs.connect(opened))
  if (catalog === null) return
  const tried = settings.tables.slice(0, MAX_FILES_TABLES)
  for (const { namespace, table } of tried) {
    const ref = { catalog: catalog.name, namespace, table }
    if ((await tryTable(steps, catalog, ref)) === null) return
  }
  const rest = settings.tables.length - tried.length
  steps.ok(
    'storage',
    `The metadata of ${tried.map(labelOf).join(', ')} can be read${rest > 0 ? `; ${rest} more were not tried` : ''}.`,
  )
}

/** Where a storage is asked; in words where the connection does not say. */
function placeOf(storage: ConnectionStorage): URL | string {
  switch (storage.kind) {
    case 'local':
      return 'The files are on this machine.'
    case 's3':
      return storage.endpoint === null ? 'AWS’s own for the region.' : new URL(storage.endpoint)
    case 'azure':
      return new URL(storage.endpoint ?? accountUrl(accountOf(storage.roots)))
    case 'gcs':
      return new URL(storage.endpoint ?? GOOGLE)
  }
}

/** One file of the catalog's first table, else the connection's own storage. */
async function tryFilesOf(
  stores: Stores,
  steps: TestSteps,
  catalog: CatalogClient,
  opened: OpenedConnection,
  names: readonly Namespace[],
): Promise<void> {
  // The storage has no part in this yet.
  const found = await steps.attempt('warehouse', async (signal) => ({
    table: await firstTable(catalog, names, signal),
  }))
  if (found === null) return
  if (found.table) {
    if ((await tryTable(steps, catalog, found.table)) !== null) {
      steps.ok('storage', `The metadata file of ${labelOf(found.table)} can be read.`)
    }
    return
  }
  const store = connectedStore(stores, opened)
  const [root] = opened.settings.storage?.roots ?? []
  if (store === null || root === undefined) {
    steps.skip('storage', 'No table was found to read a file of.')
    return
  }
  const hasFiles = await steps.attempt('storage', () => store.hasFiles(root))
  if (hasFiles !== null) steps.ok('storage', `${root} can be listed${hasFiles ? '' : '; it is empty'}.`)
}

async function firstTable(
  catalog: CatalogClient,
  names: readonly Namespace[],
  signal: AbortSignal,
): Promise<TableRef | null> {
  const toVisit = [...names]
  for (let visited = 0; visited < MAX_NAMESPACES; visited += 1) {
    const namespace = toVisit.shift()
    if (namespace === undefined) return null
    const [table] = await catalog.listTables(namespace, { signal })
    if (table) return table
    toVisit.push(...(await catalog.listNamespaces(namespace, { signal })))
  }
  return null
}

/** Its metadata file, and one place its metadata names: both may have moved. Null where one could not be read. */
async function tryTable(steps: TestSteps, catalog: CatalogClient, ref: TableRef): Promise<LoadedTable | null> {
  const label = labelOf(ref)
  const loaded = await steps.attempt(
    'storage',
    async (signal) => {
      const table = await catalog.loadTable(ref, { signal })
      await table.store.sizeBytes(table.metadataLocation, { signal })
      return table
    },
    (error) =>
      isOfCatalog(error)
        ? { step: 'warehouse', detail: `${label}: ${error.message}` }
        : { step: 'storage', detail: `${label}: ${wordsOfStorage(error)}` },
  )
  if (loaded === null) return null
  return steps.attempt(
    'storage',
    async (signal) => {
      await tryNamed(loaded, signal)
      return loaded
    },
    (error) => ({
      step: 'storage',
      detail: `${label}: The metadata can be read, but not what it names. ${wordsOfStorage(error)}`,
    }),
  )
}

/** The manifest list of what is read of a table; of an empty one only where its files would be. */
async function tryNamed({ metadata, store }: LoadedTable, signal: AbortSignal): Promise<void> {
  const current = metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.currentSnapshotId)
  const manifestList = current?.manifestList ?? null
  if (manifestList === null) store.checkLocation(metadata.location)
  else await store.sizeBytes(manifestList, { signal })
}

function labelOf({ namespace, table }: Pick<TableRef, 'namespace' | 'table'>): string {
  return `${namespaceLabel(namespace)}.${table}`
}
