import 'server-only'
import type { LakeServices } from '@/server/catalog/lake-services'
import type {
  ConnectionSettings,
  ConnectionStorage,
  ConnectionTest,
  FilesConnection,
  RestConnection,
} from '@/lib/contract/connections'
import { AppError } from '@/lib/errors'
import { type Namespace, namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { findReadProblem } from '@/server/catalog/read-problem'
import { openConnectionStore, type ConnectionWithSecrets } from '@/server/catalog/open-connection'
import { saveTestResult } from '@/server/db/catalog/connections'
import { requireSingleAccount, accountUrl } from '@/server/storage/azure/account'
import { GCS_ENDPOINT } from '@/server/storage/gcs/gcs-url'
import { normalizeSettings } from './normalize-settings'
import { connectionAudit } from '@/server/credentials/connection-audit'
import { requireConnection } from './connections'
import { probeTcp, probeTls } from './probe-server'
import { unsealSecrets, type Secrets, resolveSecrets } from '@/server/credentials/secrets'
import { clock } from '@/server/timing/clock'
import { STEP_TIMEOUT_MS, TestSteps } from './test-steps'
import { isCatalogFailure, explainRefusal, explainStorageFailure } from './explain-failure'
import type { TestedAccess } from './explain-refused-location'

type TestServices = Pick<LakeServices, 'catalogs' | 'config' | 'stores'>
type RequestContext = { actor: Actor; signal: AbortSignal; requestId: string }

/** A catalog can have many empty namespaces before the first table; the test looks into at most this many. */
const MAX_NAMESPACES = 20
const MAX_FILES_TABLES = 10
/** Shorter than the step's own timeout, so that the failure names the server that did not answer. */
const RETRY_POLICY = { maxAttempts: 1, timeoutMs: STEP_TIMEOUT_MS - 1_000 }

/**
 * Tests a saved connection and stores the result.
 *
 * @throws {AppError} not-found, secrets-unreadable
 */
export async function testSavedConnection(
  services: LakeServices,
  connectionId: string,
  context: RequestContext,
): Promise<ConnectionTest> {
  const connection = await requireConnection(services.database, connectionId)
  const { name, settings } = connection
  const test = await runTest(
    services,
    { name, settings, secrets: unsealSecrets(services.config, connection), own: null },
    context.signal,
  )
  await saveTestResult(services.database, connection, test, [testAudit(connection, test, context)])
  return test
}

/**
 * Tests settings that are not saved.
 *
 * @param connectionId the saved connection that is being changed: secrets that are not given come from it
 * @throws {AppError} invalid-request, forbidden, not-found
 */
export async function testUnsavedConnection(
  services: LakeServices,
  form: { name?: string | undefined; settings: ConnectionSettings; secrets: Secrets },
  connectionId: string | null,
  context: RequestContext,
): Promise<ConnectionTest> {
  const stored = connectionId === null ? null : await requireConnection(services.database, connectionId)
  const settings = normalizeSettings(services.config, form.settings)
  const secrets = resolveSecrets(services.config, settings, form.secrets, stored)
  const name = stored?.name ?? 'this connection'
  const test = await runTest(services, { name, settings, secrets, own: null }, context.signal)
  const tested = { name: form.name ?? stored?.name ?? null, settings }
  await services.database.commit([testAudit(tested, test, context)])
  return test
}

function testAudit(
  { name, settings }: { name: string | null; settings: ConnectionSettings },
  test: ConnectionTest,
  context: RequestContext,
) {
  const failedStep = test.steps.find(({ state }) => state === 'failed')?.step ?? null
  const action = failedStep === null ? 'test-connection' : 'fail-connection-test'
  const after = { name, address: testedAddress(settings), failedStep }
  return connectionAudit(action, context, { before: null, after })
}

/** The path and the query of a URL may contain secrets. */
function testedAddress(settings: ConnectionSettings): string | null {
  const target = settings.kind === 'rest' ? new URL(settings.uri) : storageTarget(settings.storage)
  return target instanceof URL ? `${target.protocol}//${target.host}` : null
}

async function runTest(
  services: LakeServices,
  opened: ConnectionWithSecrets,
  signal: AbortSignal,
): Promise<ConnectionTest> {
  const steps = new TestSteps(services.log, signal)
  const { settings } = opened
  if (settings.kind === 'rest') await tryRest(services, steps, opened, settings)
  else await tryFiles(services, steps, opened, settings)
  return steps.result(clock.nowMs())
}

async function tryRest(
  services: TestServices,
  steps: TestSteps,
  opened: ConnectionWithSecrets,
  settings: RestConnection,
): Promise<void> {
  await tryAddress(steps, new URL(settings.uri))
  const { auth } = settings
  if (auth.kind === 'oauth2' && auth.tokenUri !== null) {
    const tokenUrl = new URL(auth.tokenUri)
    await steps.attempt('login', async (signal) => {
      const address = await probeTcp(tokenUrl, signal)
      if (tokenUrl.protocol === 'https:') await probeTls(tokenUrl, address, signal)
    })
  }
  const catalog = await steps.attempt('login', () => services.catalogs.connect(opened, RETRY_POLICY))
  if (catalog === null) return
  const accepted =
    auth.kind === 'none' ? 'The catalog requires no credentials.' : 'The catalog accepts the credentials.'
  const toFailure = (request: 'config' | 'names') => (error: AppError) => {
    const failure = explainRefusal(error, settings, request)
    // A catalog that answers about a warehouse or a permission has accepted the credentials.
    if (failure.step === 'warehouse' && error.code !== 'catalog-unavailable') steps.pass('login', accepted)
    return failure
  }
  const abilities = await steps.attempt('warehouse', (signal) => catalog.abilities({ signal }), toFailure('config'))
  if (abilities === null) return
  const namespaces = await steps.attempt(
    'warehouse',
    (signal) => catalog.listNamespaces(null, { signal }),
    toFailure('names'),
  )
  if (namespaces === null) return
  const count = namespaces.length === 1 ? '1 top-level namespace' : `${namespaces.length} top-level namespaces`
  const writes = abilities.has('commit-table') ? '' : ' The catalog does not accept commits, so it is read-only.'
  steps.pass('login', accepted)
  steps.pass('warehouse', `${count} found.${writes}`)
  await tryCatalogFiles(services, steps, catalog, opened, namespaces)
}

async function tryAddress(steps: TestSteps, url: URL): Promise<void> {
  const address = await steps.attempt('address', (signal) => probeTcp(url, signal))
  if (address === null) return
  steps.pass('address', `${url.host} answers at ${address}.`)
  if (url.protocol === 'http:') {
    steps.skip(
      'tls',
      'http:// sends everything unencrypted, including secrets. Use https:// outside a private network.',
    )
    return
  }
  const isTrusted = await steps.attempt('tls', async (signal) => {
    await probeTls(url, address, signal)
    return true
  })
  if (isTrusted) steps.pass('tls', 'The certificate is valid.')
}

async function tryFiles(
  services: TestServices,
  steps: TestSteps,
  opened: ConnectionWithSecrets,
  settings: FilesConnection,
): Promise<void> {
  const { storage } = settings
  const target = storageTarget(storage)
  if (target instanceof URL) await tryAddress(steps, target)
  else {
    steps.skip('address', target)
    steps.skip('tls', 'Not applicable (no TLS).')
  }
  steps.skip('login', 'Not applicable (no catalog server).')
  steps.skip('warehouse', 'Not applicable (the connection itself lists the tables).')
  const catalog = await steps.attempt('storage', () => services.catalogs.connect(opened))
  if (catalog === null) return
  const access = { settings, localRoots: services.config.localRoots }
  const tested = settings.tables.slice(0, MAX_FILES_TABLES)
  for (const { namespace, table } of tested) {
    const identifier = { catalog: catalog.name, namespace, table }
    if ((await tryTable(steps, catalog, identifier, access)) === null) return
  }
  const untestedCount = settings.tables.length - tested.length
  steps.pass(
    'storage',
    `The metadata of ${tested.map(tableLabel).join(', ')} can be read${untestedCount > 0 ? `; ${untestedCount} more were not tested` : ''}.`,
  )
}

/** The endpoint of a storage, or a sentence when the connection does not name one. */
function storageTarget(storage: ConnectionStorage): URL | string {
  switch (storage.kind) {
    case 'local':
      return 'Not applicable (the files are on this machine).'
    case 's3':
      return storage.endpoint === null
        ? 'Not applicable (AWS’s own endpoint for the region).'
        : new URL(storage.endpoint)
    case 'azure':
      return new URL(storage.endpoint ?? accountUrl(requireSingleAccount(storage.roots)))
    case 'gcs':
      return new URL(storage.endpoint ?? GCS_ENDPOINT)
  }
}

/** Reads one file of the catalog's first table; without a table, lists the connection's own storage. */
async function tryCatalogFiles(
  { stores, config: { localRoots } }: TestServices,
  steps: TestSteps,
  catalog: CatalogClient,
  opened: ConnectionWithSecrets,
  namespaces: readonly Namespace[],
): Promise<void> {
  // This step does not involve the storage yet.
  const found = await steps.attempt('warehouse', async (signal) => ({
    table: await findFirstTable(catalog, namespaces, signal),
  }))
  if (found === null) return
  if (found.table) {
    const access = { settings: opened.settings, localRoots }
    if ((await tryTable(steps, catalog, found.table, access)) !== null) {
      steps.pass('storage', `The metadata file of ${tableLabel(found.table)} can be read.`)
    }
    return
  }
  const store = openConnectionStore(stores, opened)
  const [root] = opened.settings.storage?.roots ?? []
  if (store === null || root === undefined) {
    steps.skip('storage', 'No table was found whose files could be read.')
    return
  }
  const hasFiles = await steps.attempt('storage', () => store.hasFiles(root))
  if (hasFiles !== null) steps.pass('storage', `${root} can be listed${hasFiles ? '' : '; it is empty'}.`)
}

async function findFirstTable(
  catalog: CatalogClient,
  namespaces: readonly Namespace[],
  signal: AbortSignal,
): Promise<TableIdentifier | null> {
  const toVisit = [...namespaces]
  for (let visited = 0; visited < MAX_NAMESPACES; visited += 1) {
    const namespace = toVisit.shift()
    if (namespace === undefined) return null
    const [table] = await catalog.listTables(namespace, { signal })
    if (table) return table
    toVisit.push(...(await catalog.listNamespaces(namespace, { signal })))
  }
  return null
}

/**
 * Reads a table's metadata file and one file that its metadata names, because both may have moved. Returns null when
 * one could not be read. The files of a table whose reads the catalog restricts are not tried.
 */
async function tryTable(
  steps: TestSteps,
  catalog: CatalogClient,
  identifier: TableIdentifier,
  access: TestedAccess,
): Promise<LoadedTable | null> {
  const label = tableLabel(identifier)
  const loaded = await steps.attempt(
    'storage',
    async (signal) => {
      const table = await catalog.loadTable(identifier, { signal })
      const restriction = findReadProblem(table)?.detail ?? null
      if (restriction === null) await table.store.sizeBytes(table.metadataLocation, { signal })
      return { table, restriction }
    },
    (error) =>
      isCatalogFailure(error)
        ? { step: 'warehouse', detail: `${label}: ${error.message}` }
        : { step: 'storage', detail: `${label}: ${explainStorageFailure(error, access)}` },
  )
  if (loaded === null) return null
  const { table, restriction } = loaded
  if (restriction !== null) {
    steps.skip('storage', `${label}: ${restriction}`)
    return null
  }
  return steps.attempt(
    'storage',
    async (signal) => {
      await tryReferencedFile(table, signal)
      return table
    },
    (error) => ({
      step: 'storage',
      detail: `${label}: The metadata can be read, but not the files that it names. ${explainStorageFailure(error, access)}`,
    }),
  )
}

/** Reads the manifest list of the current snapshot; for an empty table it only checks the location for files. */
async function tryReferencedFile({ metadata, store }: LoadedTable, signal: AbortSignal): Promise<void> {
  const current = metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.currentSnapshotId)
  const manifestList = current?.manifestList ?? null
  if (manifestList === null) store.checkLocation(metadata.location)
  else await store.sizeBytes(manifestList, { signal })
}

function tableLabel({ namespace, table }: Pick<TableIdentifier, 'namespace' | 'table'>): string {
  return `${namespaceLabel(namespace)}.${table}`
}
