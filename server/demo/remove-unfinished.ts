import 'server-only'
import { rm } from 'node:fs/promises'
import type { TableRef } from '@/lib/iceberg/identifiers'
import type { CatalogClient } from '@/server/catalog/catalog-client'
import type { Config } from '@/server/config'
import { type AuditEntry, listAudit } from '@/server/db/audit'
import type { Services } from '@/server/services'

const MOST_DEMO_COMMITS = 100

/**
 * Takes away what an interrupted try left: tables and views that the demo made, that nobody else wrote to, and that lie
 * where the catalog put them. Anything else stays, and the catalog is then not empty.
 */
export async function removeUnfinished(
  services: Pick<Services, 'config' | 'database' | 'stores'>,
  catalog: CatalogClient,
  { namespaces, madeBy }: { namespaces: readonly string[]; madeBy: string },
): Promise<void> {
  for (const name of namespaces) {
    const there = await catalog.listNamespaces(null)
    if (!there.some(([level]) => level === name)) continue
    await removeViews(services, catalog, name, madeBy)
    await removeTables(services, catalog, name, madeBy)
    const left = [...(await catalog.listTables([name])), ...(await catalog.listViews([name]))]
    if (left.length === 0) await catalog.dropNamespace([name])
  }
}

async function removeTables(
  services: Pick<Services, 'config' | 'database' | 'stores'>,
  catalog: CatalogClient,
  namespace: string,
  madeBy: string,
): Promise<void> {
  for (const ref of await catalog.listTables([namespace])) {
    const { tableUuid, location, snapshots } = (await catalog.loadTable(ref)).metadata
    const entries = await listAudit(services.database, { tableUuid, limit: MOST_DEMO_COMMITS })
    // Whoever commits past the console leaves a snapshot that no entry tells of.
    const isWhollyListed = snapshots.length === entries.filter(({ action }) => action === 'append').length
    if (!isWhollyListed || !isOwn(entries, 'create-table', madeBy) || !isWherePut(services.config, ref, location))
      continue
    await catalog.dropTable(ref)
    await removeFolder(services, location)
  }
}

async function removeViews(
  services: Pick<Services, 'config' | 'database' | 'stores'>,
  catalog: CatalogClient,
  namespace: string,
  madeBy: string,
): Promise<void> {
  for (const ref of await catalog.listViews([namespace])) {
    const { viewUuid, location, versions } = (await catalog.loadView(ref)).metadata
    const entries = await listAudit(services.database, { tableUuid: viewUuid, limit: MOST_DEMO_COMMITS })
    const isWhollyListed = versions.length === entries.length
    if (!isWhollyListed || !isOwn(entries, 'create-view', madeBy) || !isWherePut(services.config, ref, location))
      continue
    await catalog.dropView(ref)
    await removeFolder(services, location)
  }
}

/** Newest first, as the audit lists them. */
function isOwn(entries: readonly AuditEntry[], firstAction: string, madeBy: string): boolean {
  return entries.at(-1)?.action === firstAction && entries.every(({ actor }) => actor.userId === madeBy)
}

/** The folder of its name, or that with a suffix where the folder was taken. */
function isWherePut(config: Config, { namespace, table }: TableRef, location: string): boolean {
  const place = `${config.warehouse}/${[...namespace, table].join('/')}`
  return location === place || (location.startsWith(place) && /^-[0-9a-f]{8}$/.test(location.slice(place.length)))
}

/** In a bucket the files stay, as those of any dropped table: the new one gets a folder of its own. */
async function removeFolder(services: Pick<Services, 'config' | 'stores'>, location: string): Promise<void> {
  if (services.config.storage.kind === 'local')
    await rm(services.stores.localPath(location), { recursive: true, force: true })
}
