import 'server-only'
import type { Actor } from '@/server/auth/actor'
import { auditChange } from '@/server/db/audit'
import type { Change } from '@/server/db/database'
import type { CatalogClient, NamespaceChange, NamespaceOptions } from './catalog-client'
import { toAuditValues } from './audit-value'

/**
 * Wraps a catalog so that each transaction that creates, changes or drops a namespace writes an audit row. Table
 * commits write their own rows, which record the intent.
 */
export function withNamespaceAudit(catalog: CatalogClient, actor: Actor): CatalogClient {
  const withAuditRow = ({ alongside, ...otherOptions }: NamespaceOptions = {}): NamespaceOptions => ({
    ...otherOptions,
    alongside: (change) => [
      ...(alongside?.(change) ?? []),
      toAuditChange(change, { catalog: catalog.name, actor, atMs: otherOptions.committedAtMs }),
    ],
  })
  return {
    ...catalog,
    createNamespace: (namespace, properties, options) =>
      catalog.createNamespace(namespace, properties, withAuditRow(options)),
    updateNamespace: (namespace, change, options) => catalog.updateNamespace(namespace, change, withAuditRow(options)),
    dropNamespace: (namespace, options) => catalog.dropNamespace(namespace, withAuditRow(options)),
  }
}

function toAuditChange(
  { namespace, before, after }: NamespaceChange,
  { catalog, actor, atMs }: { catalog: string; actor: Actor; atMs: number | undefined },
): Change {
  const entry = {
    actor,
    via: actor.via ?? null,
    action: before === null ? 'create-namespace' : after === null ? 'drop-namespace' : 'update-namespace',
    namespace: { catalog, namespace },
    before: before && { properties: toAuditValues(before.properties) },
    after: after && { properties: toAuditValues(after.properties) },
    requestId: null,
  }
  return auditChange(entry, atMs === undefined ? {} : { atMs })
}
