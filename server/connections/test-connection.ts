import 'server-only'
import type { ConnectionSettings, ConnectionTest, FilesConnection, RestConnection } from '@/lib/contract/connections'
import { AppError } from '@/lib/errors'
import { namespaceLabel, type TableRef } from '@/lib/iceberg/identifiers'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/catalog-client'
import { connectedCatalog, connectedStore, type OpenedConnection } from '@/server/catalog/open-connection'
import { openDatabase } from '@/server/db/open-database'
import { keepTest } from '@/server/db/connections'
import { checkedSettings } from './checked-settings'
import { connectionAudit } from './connection-audit'
import { requireConnection } from './connections'
import { reach, shakeHands } from './reach'
import { openSecrets, type Secrets, secretsFor } from './secrets'
import { TestSteps } from './test-steps'

type Asked = { actor: Actor; signal: AbortSignal; requestId: string }

/** A catalog may have many empty namespaces before the first table; more than these are not looked into. */
const MAX_NAMESPACES = 20
const MAX_FILES_TABLES = 10

/**
 * Tries a stored connection and keeps what was found.
 *
 * @throws {AppError} not-found, secrets-unreadable
 */
export async function testStored(connectionId: string, asked: Asked): Promise<ConnectionTest> {
  const connection = requireConnection(connectionId)
  const { name, settings } = connection
  const test = await runTest({ name, settings, secrets: openSecrets(connection), own: null }, asked.signal)
  await keepTest(connection, test, [auditOf(name, test, asked)])
  return test
}

/**
 * Tries settings that are not stored.
 *
 * @param connectionId the connection that is being changed: secrets that are not given are its
 * @throws {AppError} invalid-request, forbidden, not-found
 */
export async function testForm(
  form: { settings: ConnectionSettings; secrets: Secrets },
  connectionId: string | null,
  asked: Asked,
): Promise<ConnectionTest> {
  const kept = connectionId === null ? null : requireConnection(connectionId)
  const settings = checkedSettings(form.settings)
  const secrets = secretsFor(settings, form.secrets, kept)
  const name = kept?.name ?? 'this connection'
  const test = await runTest({ name, settings, secrets, own: null }, asked.signal)
  await openDatabase().transact([auditOf(name, test, asked)])
  return test
}

function auditOf(name: string, test: ConnectionTest, asked: Asked) {
  const failedStep = test.steps.find(({ state }) => state === 'failed')?.step ?? null
  return connectionAudit('test-connection', asked, { before: null, after: { name, failedStep } })
}

async function runTest(opened: OpenedConnection, signal: AbortSignal): Promise<ConnectionTest> {
  const steps = new TestSteps(signal)
  const { settings } = opened
  if (settings.kind === 'rest') await tryRest(steps, opened, settings)
  else await tryFiles(steps, opened, settings)
  return steps.result(Date.now())
}

async function tryRest(steps: TestSteps, opened: OpenedConnection, settings: RestConnection): Promise<void> {
  await tryAddress(steps, new URL(settings.uri))
  const { auth } = settings
  if (auth.kind === 'oauth2' && auth.tokenUri !== null) {
    const tokenUrl = new URL(auth.tokenUri)
    await steps.attempt('login', async (signal) => {
      const address = await reach(tokenUrl, signal)
      if (tokenUrl.protocol === 'https:') await shakeHands(tokenUrl, address, signal)
    })
  }
  const catalog = await steps.attempt('login', () => connectedCatalog(opened))
  if (catalog === null) return
  const accepted = auth.kind === 'none' ? 'The catalog asks for no login.' : 'The catalog accepts the credentials.'
  const found = await steps.attempt(
    'warehouse',
    async (signal) => {
      const abilities = await catalog.abilities({ signal })
      const names = await catalog.listNamespaces(null, { signal })
      const count = names.length === 1 ? '1 namespace' : `${names.length} namespaces`
      const writes = abilities.has('commit-table') ? '' : ' It can be read, not changed.'
      return `${count} at the top.${writes}`
    },
    (error) => {
      const refused = refusalOf(error, settings)
      // Whoever looks for a warehouse or a right has let us in.
      if (refused.step === 'warehouse' && error.code !== 'catalog-unavailable') steps.ok('login', accepted)
      return refused
    },
  )
  if (found === null) return
  steps.ok('login', accepted)
  steps.ok('warehouse', found)
  await tryFilesOf(steps, catalog, opened)
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

/** Which step a catalog's refusal is about. */
function refusalOf({ code, message }: AppError, { auth, warehouse, uri }: RestConnection) {
  if (code === 'catalog-refused') {
    const next =
      auth.kind === 'none'
        ? 'It wants a login: choose one.'
        : 'Look at the credentials, and at scope and audience where there are some.'
    return { step: 'login' as const, detail: `${message} ${next}` }
  }
  if (code === 'forbidden') {
    return { step: 'warehouse' as const, detail: `${message} Grant this login the right to list namespaces.` }
  }
  if (code === 'not-found' || code === 'invalid-request') {
    const named = warehouse === null ? 'Many catalogs want a warehouse to be named.' : `Is ${warehouse} its name there?`
    return { step: 'warehouse' as const, detail: `${message} ${named}` }
  }
  if (code === 'catalog-unavailable' && message.startsWith('The token server')) {
    return { step: 'login' as const, detail: `${message} Look at the token address.` }
  }
  return { step: 'warehouse' as const, detail: `${message} Does the address end where /v1/config begins: ${uri}?` }
}

async function tryFiles(steps: TestSteps, opened: OpenedConnection, settings: FilesConnection): Promise<void> {
  const { storage } = settings
  if (storage.kind === 's3' && storage.endpoint !== null) await tryAddress(steps, new URL(storage.endpoint))
  else {
    steps.skip('address', storage.kind === 'local' ? 'The files are on this machine.' : 'AWS’s own for the region.')
    steps.skip('tls', 'Nothing to shake hands with.')
  }
  steps.skip('login', 'There is no catalog to log in to.')
  steps.skip('warehouse', 'The tables are listed in the connection itself.')
  const catalog = await steps.attempt('storage', () => connectedCatalog(opened))
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

/** One file of the catalog's first table, else the connection's own storage. */
async function tryFilesOf(steps: TestSteps, catalog: CatalogClient, opened: OpenedConnection): Promise<void> {
  const found = await steps.attempt('storage', async (signal) => ({ table: await firstTable(catalog, signal) }))
  if (found === null) return
  if (found.table) {
    if ((await tryTable(steps, catalog, found.table)) !== null) {
      steps.ok('storage', `The metadata file of ${labelOf(found.table)} can be read.`)
    }
    return
  }
  const store = connectedStore(opened)
  const [root] = opened.settings.storage?.roots ?? []
  if (store === null || root === undefined) {
    steps.skip('storage', 'No table was found to read a file of.')
    return
  }
  const hasFiles = await steps.attempt('storage', () => store.hasFiles(root))
  if (hasFiles !== null) steps.ok('storage', `${root} can be listed${hasFiles ? '' : '; it is empty'}.`)
}

async function firstTable(catalog: CatalogClient, signal: AbortSignal): Promise<TableRef | null> {
  const toVisit = await catalog.listNamespaces(null, { signal })
  for (let visited = 0; visited < MAX_NAMESPACES; visited += 1) {
    const namespace = toVisit.shift()
    if (namespace === undefined) return null
    const [table] = await catalog.listTables(namespace, { signal })
    if (table) return table
    toVisit.push(...(await catalog.listNamespaces(namespace, { signal })))
  }
  return null
}

/** Null where a file of it could not be read. */
function tryTable(steps: TestSteps, catalog: CatalogClient, ref: TableRef): Promise<number | null> {
  return steps.attempt(
    'storage',
    async (signal) => {
      const { store, metadataLocation } = await catalog.loadTable(ref, { signal })
      return store.sizeBytes(metadataLocation, { signal })
    },
    ({ code, message, facts }) => ({
      step: 'storage',
      detail: `${labelOf(ref)}: ${message}${typeof facts['location'] === 'string' ? ` (${facts['location']})` : ''} ${
        code === 'forbidden'
          ? 'Add the place to the roots of the storage, or a mapping to where the files are.'
          : 'Look at the storage, its credentials and the mappings.'
      }`,
    }),
  )
}

function labelOf({ namespace, table }: Pick<TableRef, 'namespace' | 'table'>): string {
  return `${namespaceLabel(namespace)}.${table}`
}
