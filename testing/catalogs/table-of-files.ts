import type { TableIdentifier } from '@/lib/names/identifiers'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { signPlanToken } from '@/server/auth/tokens/plan-token'
import type { Services } from '@/server/services'
import type { ObjectStore } from '@/server/storage/object-store'
import { appendFiles } from '@/server/table/commit/append-files'
import { openTestCatalog, TEST_ACTOR } from './test-catalog'
import { ONE_COLUMN_SCHEMA } from './verify-table'

export type TableOfFiles = {
  identifier: TableIdentifier
  /** A token for all files of the table; they have the indexes of their locations. */
  signToken(userId: string, nowMs?: number): string
}

/**
 * Creates a table, by default in `demo`, with one snapshot of these data files, as a writer could that checks no location. The
 * files need not exist.
 */
export async function createTableOfFiles(
  services: Pick<Services, 'catalogs' | 'config' | 'database' | 'keys' | 'log' | 'stores'>,
  name: string,
  locations: readonly string[],
  namespace = 'demo',
): Promise<TableOfFiles> {
  const catalog = await openTestCatalog(services)
  const identifier = { catalog: services.config.catalogName, namespace: [namespace], table: name }
  const namespaces = await catalog.listNamespaces(null)
  if (!namespaces.some(([level]) => level === namespace))
    await catalog.write({ kind: 'create-namespace', namespace: [namespace], properties: {} })
  await catalog.write({ kind: 'create-table', table: identifier, schema: ONE_COLUMN_SCHEMA })
  const { table, snapshotId } = await appendFiles(services.log, {
    catalog,
    store: withoutLocationCheck(services.stores.catalogStore(identifier.catalog)),
    identifier,
    files: locations.map((location) => sampleDataFile(location)),
    specId: 0,
    schemaId: 0,
    actor: TEST_ACTOR,
    signal: new AbortController().signal,
  })
  const { tableUuid } = table.metadata
  return {
    identifier,
    signToken: (userId, nowMs) =>
      signPlanToken(services, { identifier, tableUuid, snapshotId, schemaId: 0, userId }, nowMs),
  }
}

function withoutLocationCheck(store: ObjectStore): ObjectStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'checkLocation') return () => undefined
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
