import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { findEndpoint } from '@/testing/contract/contract-endpoints'
import { requestWith } from '@/testing/contract/request-with'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { rawQuery } from '@/testing/databases/test-sql'
import { type SignedInUser, signInAs, type TestHome } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { appendOperation } from '@/lib/iceberg/operations/append'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { Namespace, TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
import type { Role } from '@/lib/permissions'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { runOperation } from '@/server/table/commit/run-operation'

export type Fields = Readonly<Record<string, unknown>>
export type Reply = { status: number; body: Fields }

/** The fields of an audit row that every verb has to fill. */
export type AuditRow = {
  id: string
  actor_name: string
  action: string
  namespace: string | null
  table_name: string | null
  after: string | null
  undoes: string | null
  origin: string | null
  request_id: string | null
}

/**
 * Tables of the database that no refused request may change. Proposals are separate: proposing writes only the proposal
 * and the response of its key.
 */
const ROWS_OF_LAKE = [
  'iceberg_tables',
  'iceberg_namespace_properties',
  'table_folders',
  'pending_writes',
  'search_pending',
  'change_policies',
] as const
const ROWS_OF_CONSOLE = ['idempotency', 'runs', 'proposals'] as const
const signal = new AbortController().signal
let namespaces = 0
let files = 0

/** The embedded catalog of a home with a namespace for one test, and the people who change it. */
export class VerbLake {
  readonly home: TestHome
  readonly catalog: CatalogClient
  readonly namespace: string
  /** The catalog that requests name: the same one, or a connection to it. */
  readonly #requested: string

  private constructor(home: TestHome, catalog: CatalogClient, namespace: string, requested: string) {
    this.home = home
    this.catalog = catalog
    this.namespace = namespace
    this.#requested = requested
  }

  static async open(home: TestHome, requested?: string): Promise<VerbLake> {
    namespaces += 1
    const namespace = `n${namespaces}`
    const catalog = await openTestCatalog(home.services)
    await catalog.write({ kind: 'create-namespace', namespace: [namespace], properties: {} })
    return new VerbLake(home, catalog, namespace, requested ?? catalog.name)
  }

  signIn(role: Role | null): Promise<SignedInUser> {
    return signInAs(this.home.services, role)
  }

  /** Sends a request as the page of this user does. */
  async send(user: SignedInUser, endpointName: string, fields: Fields): Promise<Reply> {
    const endpoint = findEndpoint(endpointName)
    const handler = await loadRouteHandler(this.home.services, endpoint)
    const { request, params } = requestWith(endpoint, { ...fields }, user.cookie)
    const response = await handler(request, { params: Promise.resolve(params) })
    return { status: response.status, body: (await response.json()) as Fields }
  }

  /** Like {@link send}, for requests that have to succeed. */
  async get(user: SignedInUser, endpointName: string, fields: Fields): Promise<Fields> {
    const { status, body } = await this.send(user, endpointName, fields)
    if (status !== 200) throw new Error(`${endpointName}: ${JSON.stringify(body)}`)
    return body
  }

  demandTwoPeople(requiresProposal = true): Promise<unknown> {
    return this.home.database.commit([setPolicyChange(this.inNamespace(), { requiresProposal, by: 'ada' })])
  }

  inNamespace(): { catalog: string; namespace: Namespace } {
    return { catalog: this.catalog.name, namespace: [this.namespace] }
  }

  table(table = 't'): TableIdentifier {
    return { ...this.inNamespace(), table }
  }

  view(view = 'v'): ViewIdentifier {
    return { ...this.inNamespace(), view }
  }

  /** The names of an address, as requests have them. */
  get wire(): { catalog: string; namespace: string } {
    return { catalog: this.#requested, namespace: this.namespace }
  }

  createTable(name = 't'): Promise<LoadedTable> {
    return this.catalog.write({ kind: 'create-table', table: this.table(name), schema: ONE_COLUMN_SCHEMA })
  }

  createView(name = 'v', sql = 'SELECT id FROM trips') {
    return this.catalog.write({
      kind: 'create-view',
      view: this.view(name),
      schema: ONE_COLUMN_SCHEMA,
      version: {
        versionId: 1,
        schemaId: 0,
        timestampMs: 1_700_000_000_000,
        summary: {},
        defaultCatalog: null,
        defaultNamespace: [this.namespace],
        representations: [{ type: 'sql', sql, dialect: 'spark' }],
      },
    })
  }

  load(name = 't'): Promise<LoadedTable> {
    return this.catalog.loadTable(this.table(name))
  }

  /** Appends one file that tests do not read. Returns the id of the snapshot. */
  async append(branch = 'main', name = 't'): Promise<string> {
    const { store, metadata } = await this.load(name)
    files += 1
    const operation = appendOperation([sampleDataFile(`${metadata.location}/data/f${files}.parquet`)], {})
    const request = {
      catalog: this.catalog,
      store,
      identifier: this.table(name),
      branch,
      auditAction: 'append',
      actor: TEST_ACTOR,
      signal,
    }
    return (await runOperation(this.home.services.log, request, async () => ({ operation }))).snapshotId
  }

  setRef(refName: string, snapshotId: string, type: 'branch' | 'tag' = 'branch'): Promise<unknown> {
    return this.catalog.write({
      kind: 'commit-table',
      table: this.table(),
      change: {
        requirements: [],
        updates: [{ action: 'set-snapshot-ref', refName, snapshotId, type }],
      },
    })
  }

  setProperties(updates: Readonly<Record<string, string>>, name = 't'): Promise<unknown> {
    return this.catalog.write({
      kind: 'commit-table',
      table: this.table(name),
      change: {
        requirements: [],
        updates: [{ action: 'set-properties', updates }],
      },
    })
  }

  /**
   * Rows and files that a write of the lake changes, with the console's records of requests unless they are left out.
   */
  async state({ ofConsole = true }: { ofConsole?: boolean } = {}): Promise<object> {
    const tables = ofConsole ? [...ROWS_OF_LAKE, ...ROWS_OF_CONSOLE] : ROWS_OF_LAKE
    const rows = await Promise.all(tables.map(async (table) => [table, await this.rows(table)] as const))
    return { ...Object.fromEntries(rows), files: listFiles(fileURLToPath(this.home.config.warehouse)) }
  }

  async rows(table: string): Promise<string[]> {
    const rows = await this.home.database.read(rawQuery(`SELECT * FROM ${table}`))
    return rows.map((row) => JSON.stringify(row)).sort()
  }

  /** Every entry of the audit, in the order in which it was written. */
  audit(): Promise<AuditRow[]> {
    return this.home.database.read(rawQuery<AuditRow>('SELECT * FROM audit ORDER BY seq'))
  }

  async auditSince(earlier: readonly AuditRow[]): Promise<AuditRow[]> {
    return (await this.audit()).slice(earlier.length)
  }

  /** The state that readers of the test's namespaces see, and that an undo has to restore. */
  async facts(): Promise<object> {
    const found: Record<string, unknown> = {}
    for (const namespace of await this.catalog.listNamespaces(null)) {
      if (!namespace[0]?.startsWith(this.namespace)) continue
      const { properties } = await this.catalog.loadNamespace(namespace)
      found[namespace.join('.')] = properties
      for (const identifier of await this.catalog.listTables(namespace))
        found[`table ${namespace.join('.')}.${identifier.table}`] = toFacts(await this.catalog.loadTable(identifier))
      for (const identifier of await this.catalog.listViews(namespace)) {
        const { metadata } = await this.catalog.loadView(identifier)
        const current = metadata.versions.find(({ versionId }) => versionId === metadata.currentVersionId)
        found[`view ${namespace.join('.')}.${identifier.view}`] = {
          properties: metadata.properties,
          representations: current?.representations,
        }
      }
    }
    return found
  }
}

function toFacts({ metadata }: LoadedTable): object {
  const { properties, refs, snapshots, tableUuid } = metadata
  const { fields } = currentSchema(metadata)
  return { tableUuid, properties, refs, fields, snapshotIds: snapshots.map(({ snapshotId }) => snapshotId) }
}

/** A catalog creates the folder with its first table. */
function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .sort()
}
