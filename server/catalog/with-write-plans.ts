import 'server-only'
import { asTableIdentifier, type Namespace, type TableIdentifier } from '@/lib/iceberg/identifiers'
import type { Actor } from '@/server/auth/actor'
import { auditChange, type NewAuditEntry, newAuditId } from '@/server/db/audit'
import type { Change } from '@/server/db/database'
import type { CatalogClient, WriteOptions } from './catalog-client'

type Target = { table: TableIdentifier } | { namespace: { catalog: string; namespace: Namespace } }

/**
 * Wraps a remote catalog so that no write is without an audit entry: a write whose caller plans none gets one that says
 * what was done to what.
 */
export function withWritePlans(catalog: CatalogClient, actor: Actor): CatalogClient {
  if (catalog.kind !== 'rest') return catalog
  const planned = <Options extends WriteOptions & { alongside?: (facts: never) => readonly Change[] }>(
    options: Options | undefined,
    action: string,
    target: Target,
  ): Options => {
    if (options?.plan) return options
    const auditId = newAuditId()
    const entry = toAuditEntry(actor, action, target)
    return {
      alongside: () => [auditChange(entry, { id: auditId })],
      ...options,
      plan: { auditId, entry },
    } as unknown as Options
  }
  const ofNamespace = (namespace: Namespace) => ({ namespace: { catalog: catalog.name, namespace } })
  return {
    ...catalog,
    createNamespace: (namespace, properties, options) =>
      catalog.createNamespace(namespace, properties, planned(options, 'create-namespace', ofNamespace(namespace))),
    updateNamespace: (namespace, change, options) =>
      catalog.updateNamespace(namespace, change, planned(options, 'update-namespace', ofNamespace(namespace))),
    dropNamespace: (namespace, options) =>
      catalog.dropNamespace(namespace, planned(options, 'drop-namespace', ofNamespace(namespace))),
    createTable: (table, created, options) =>
      catalog.createTable(table, created, planned(options, 'create-table', { table })),
    registerTable: (table, location, options) =>
      catalog.registerTable(table, location, planned(options, 'register-table', { table })),
    renameTable: (table, to, options) => catalog.renameTable(table, to, planned(options, 'rename-table', { table })),
    dropTable: (table, options) => catalog.dropTable(table, planned(options, 'drop-table', { table })),
    commitTable: (table, change, options) => catalog.commitTable(table, change, planned(options, 'commit', { table })),
    commitTables: (commits, options) => {
      const [first] = commits
      if (first === undefined || options?.plan) return catalog.commitTables(commits, options)
      const toEntry = (table: TableIdentifier) => toAuditEntry(actor, 'commit', { table })
      return catalog.commitTables(commits, {
        alongside: ({ after }) => [auditChange(toEntry(after.identifier))],
        ...options,
        plan: {
          auditId: newAuditId(),
          entry: toEntry(first.identifier),
          toEntry: ({ after }) => toEntry(after.identifier),
        },
      })
    },
    createView: (view, created, options) =>
      catalog.createView(view, created, planned(options, 'create-view', { table: asTableIdentifier(view) })),
    registerView: (view, location, options) =>
      catalog.registerView(view, location, planned(options, 'register-view', { table: asTableIdentifier(view) })),
    commitView: (view, change, options) =>
      catalog.commitView(view, change, planned(options, 'replace-view', { table: asTableIdentifier(view) })),
    renameView: (view, to, options) =>
      catalog.renameView(view, to, planned(options, 'rename-view', { table: asTableIdentifier(view) })),
    dropView: (view, options) =>
      catalog.dropView(view, planned(options, 'drop-view', { table: asTableIdentifier(view) })),
  }
}

function toAuditEntry(actor: Actor, action: string, target: Target): NewAuditEntry {
  return { actor, via: actor.via ?? null, action, requestId: null, ...target }
}
