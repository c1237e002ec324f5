import 'server-only'
import { rm } from 'node:fs/promises'
import { asTableIdentifier, type TableIdentifier } from '@/lib/names/identifiers'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { Config } from '@/server/config/config'
import type { AuditEntry } from '@/server/db/audit'
import { listAudit } from '@/server/db/audit-list'
import type { Services } from '@/server/services'

const MAX_DEMO_COMMITS = 100

/**
 * Removes the leftovers of an interrupted attempt: tables and views that only the demo has changed, and that are where
 * the catalog put them. Anything else stays, and the catalog is then not empty.
 */
export async function removeUnfinishedDemo(
  services: Pick<Services, 'config' | 'database' | 'stores'>,
  catalog: CatalogClient,
  { namespaces, createdBy }: { namespaces: readonly string[]; createdBy: string },
): Promise<void> {
  for (const name of namespaces) {
    const existing = await catalog.listNamespaces(null)
    if (!existing.some(([level]) => level === name)) continue
    await removeViews(services, catalog, name, createdBy)
    await removeTables(services, catalog, name, createdBy)
    const remaining = [...(await catalog.listTables([name])), ...(await catalog.listViews([name]))]
    if (remaining.length === 0) await catalog.write({ kind: 'drop-namespace', namespace: [name] })
  }
}

async function removeTables(
  services: Pick<Services, 'config' | 'database' | 'stores'>,
  catalog: CatalogClient,
  namespace: string,
  createdBy: string,
): Promise<void> {
  for (const identifier of await catalog.listTables([namespace])) {
    const { tableUuid, location, snapshots } = (await catalog.loadTable(identifier)).metadata
    const entries = await listAudit(services.database, { tableUuid, limit: MAX_DEMO_COMMITS })
    // A commit that bypasses the console leaves a snapshot without an audit entry.
    const isFullyAudited = snapshots.length === entries.filter(({ action }) => action === 'append').length
    if (
      !isFullyAudited ||
      !isCreatedBy(entries, 'create-table', createdBy) ||
      !isAtDefaultLocation(services.config, identifier, location)
    )
      continue
    await catalog.write({ kind: 'drop-table', table: identifier })
    await removeFolder(services, location)
  }
}

async function removeViews(
  services: Pick<Services, 'config' | 'database' | 'stores'>,
  catalog: CatalogClient,
  namespace: string,
  createdBy: string,
): Promise<void> {
  for (const identifier of await catalog.listViews([namespace])) {
    const { viewUuid, location, versions } = (await catalog.loadView(identifier)).metadata
    const entries = await listAudit(services.database, { tableUuid: viewUuid, limit: MAX_DEMO_COMMITS })
    const isFullyAudited = versions.length === entries.length
    if (
      !isFullyAudited ||
      !isCreatedBy(entries, 'create-view', createdBy) ||
      !isAtDefaultLocation(services.config, asTableIdentifier(identifier), location)
    )
      continue
    await catalog.write({ kind: 'drop-view', view: identifier })
    await removeFolder(services, location)
  }
}

/** `entries` are newest first, as the audit lists them. */
function isCreatedBy(entries: readonly AuditEntry[], firstAction: string, createdBy: string): boolean {
  return entries.at(-1)?.action === firstAction && entries.every(({ actor }) => actor.userId === createdBy)
}

/** The folder of the table's name, or that name with a suffix when the folder was taken. */
function isAtDefaultLocation(config: Config, { namespace, table }: TableIdentifier, location: string): boolean {
  const defaultLocation = `${config.warehouse}/${[...namespace, table].join('/')}`
  return (
    location === defaultLocation ||
    (location.startsWith(defaultLocation) && /^-[0-9a-f]{8}$/.test(location.slice(defaultLocation.length)))
  )
}

/** In a bucket the files stay, as with any dropped table: the new table gets a folder of its own. */
async function removeFolder(services: Pick<Services, 'config' | 'stores'>, location: string): Promise<void> {
  if (services.config.storage.kind === 'local')
    await rm(services.stores.localPath(location), { recursive: true, force: true })
}
