import 'server-only'
import { asTableIdentifier, type TableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import type { Actor } from '@/server/auth/actor'
import { auditChange, type NewAuditEntry, newAuditId } from '@/server/db/audit'
import type { CatalogClient } from '@/server/catalog/catalog-client'

/**
 * Wraps a remote catalog so that no write of a table or view is without an audit entry: a write whose caller brings none
 * gets one that says what was done to what. `withNamespaceAudit` does so for namespaces.
 */
export function withWritePlans(catalog: CatalogClient, actor: Actor): CatalogClient {
  if (catalog.kind !== 'rest') return catalog
  const toEntry = (action: string, table: TableIdentifier): NewAuditEntry => ({
    actor,
    via: actor.via ?? null,
    action,
    requestId: null,
    table,
  })
  /** The caller's own options come after it. */
  const audited = (action: string, table: TableIdentifier) => {
    const auditId = newAuditId()
    const entry = toEntry(action, table)
    return { plan: { auditId, entry }, alongside: () => [auditChange(entry, { id: auditId })] }
  }
  const auditedView = (action: string, view: ViewIdentifier) => audited(action, asTableIdentifier(view))
  return {
    ...catalog,
    createTable: (table, created, options) =>
      catalog.createTable(table, created, { ...audited('create-table', table), ...options }),
    registerTable: (table, location, options) =>
      catalog.registerTable(table, location, { ...audited('register-table', table), ...options }),
    renameTable: (table, to, options) =>
      catalog.renameTable(table, to, { ...audited('rename-table', table), ...options }),
    dropTable: (table, options) => catalog.dropTable(table, { ...audited('drop-table', table), ...options }),
    commitTable: (table, change, options) =>
      catalog.commitTable(table, change, { ...audited('commit', table), ...options }),
    commitTables: (commits, options) => {
      const [first] = commits
      if (first === undefined || options?.plan) return catalog.commitTables(commits, options)
      return catalog.commitTables(commits, {
        alongside: ({ after }) => [auditChange(toEntry('commit', after.identifier))],
        ...options,
        plan: {
          auditId: newAuditId(),
          entry: toEntry('commit', first.identifier),
          toEntry: ({ after }) => toEntry('commit', after.identifier),
        },
      })
    },
    createView: (view, created, options) =>
      catalog.createView(view, created, { ...auditedView('create-view', view), ...options }),
    registerView: (view, location, options) =>
      catalog.registerView(view, location, { ...auditedView('register-view', view), ...options }),
    commitView: (view, change, options) =>
      catalog.commitView(view, change, { ...auditedView('replace-view', view), ...options }),
    renameView: (view, to, options) =>
      catalog.renameView(view, to, { ...auditedView('rename-view', view), ...options }),
    dropView: (view, options) => catalog.dropView(view, { ...auditedView('drop-view', view), ...options }),
  }
}
