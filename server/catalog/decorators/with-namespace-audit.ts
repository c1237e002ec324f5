import 'server-only'
import type { Actor } from '@/server/auth/actor'
import type { Namespace } from '@/lib/names/identifiers'
import { auditChange, newAuditId } from '@/server/db/audit'
import { dropNamespaceProposalsChange } from '@/server/db/catalog/proposals'
import type { CatalogClient, NamespaceChange, NamespaceOptions } from '@/server/catalog/catalog-client'
import { toAuditValues } from '@/server/catalog/audit-value'

/**
 * Wraps a catalog so that each transaction that creates, changes or drops a namespace writes an audit row, unless its
 * caller brings one. A namespace that is dropped leaves its proposals behind. Table commits write their own rows, which record the intent.
 */
export function withNamespaceAudit(catalog: CatalogClient, actor: Actor): CatalogClient {
  const withAuditRow = (
    action: NamespaceAction,
    namespace: Namespace,
    { alongside, ...otherOptions }: NamespaceOptions = {},
  ): NamespaceOptions => {
    // The caller records the change, with what it knows of the request.
    if (otherOptions.plan) return { ...otherOptions, ...(alongside && { alongside }) }
    const auditId = newAuditId()
    const { committedAtMs: atMs } = otherOptions
    const entry = {
      actor,
      via: actor.via ?? null,
      action,
      namespace: { catalog: catalog.name, namespace },
      requestId: null,
    }
    return {
      plan: { auditId, entry },
      ...otherOptions,
      alongside: (change) => [
        ...(alongside?.(change) ?? []),
        auditChange({ ...entry, ...namespaceStates(change) }, { id: auditId, ...(atMs !== undefined && { atMs }) }),
      ],
    }
  }
  return {
    ...catalog,
    createNamespace: (namespace, properties, options) =>
      catalog.createNamespace(namespace, properties, withAuditRow('create-namespace', namespace, options)),
    updateNamespace: (namespace, change, options) =>
      catalog.updateNamespace(namespace, change, withAuditRow('update-namespace', namespace, options)),
    dropNamespace: (namespace, options) => {
      const { alongside, ...otherOptions } = withAuditRow('drop-namespace', namespace, options)
      return catalog.dropNamespace(namespace, {
        ...otherOptions,
        // Last, because a commit of one of these proposals may be among the others.
        alongside: (change) => [...(alongside?.(change) ?? []), dropNamespaceProposalsChange(catalog.name, namespace)],
      })
    },
  }
}

type NamespaceAction = 'create-namespace' | 'update-namespace' | 'drop-namespace'

/** The properties before and after, as the audit has them. */
export function namespaceStates({ before, after }: NamespaceChange) {
  return {
    before: before && { properties: toAuditValues(before.properties) },
    after: after && { properties: toAuditValues(after.properties) },
  }
}
