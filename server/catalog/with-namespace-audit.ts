import 'server-only'
import type { Actor } from '@/server/auth/actor'
import { auditChange } from '@/server/db/audit'
import type { Change } from '@/server/db/database'
import type { CatalogClient, NamespaceChange, NamespaceOptions } from './catalog-client'
import { keptValues } from './kept-value'

/**
 * The catalog with an audit row in the transaction of every namespace that is made, changed or dropped. Table commits bring
 * rows of their own, which say what was meant.
 */
export function withNamespaceAudit(catalog: CatalogClient, actor: Actor): CatalogClient {
  const told = ({ alongside, ...asked }: NamespaceOptions = {}): NamespaceOptions => ({
    ...asked,
    alongside: (change) => [...(alongside?.(change) ?? []), rowOf(change, catalog.name, actor)],
  })
  return {
    ...catalog,
    createNamespace: (namespace, properties, options) => catalog.createNamespace(namespace, properties, told(options)),
    updateNamespace: (namespace, change, options) => catalog.updateNamespace(namespace, change, told(options)),
    dropNamespace: (namespace, options) => catalog.dropNamespace(namespace, told(options)),
  }
}

function rowOf({ namespace, before, after }: NamespaceChange, catalog: string, actor: Actor): Change {
  return auditChange({
    actor: { userId: actor.userId, username: actor.username },
    via: actor.via ?? null,
    action: before === null ? 'create-namespace' : after === null ? 'drop-namespace' : 'update-namespace',
    table: null,
    namespace: { catalog, namespace },
    tableUuid: null,
    before: before && { properties: keptValues(before.properties) },
    after: after && { properties: keptValues(after.properties) },
    requestId: null,
    undoes: null,
  })
}
