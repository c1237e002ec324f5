import 'server-only'
import { asTableIdentifier } from '@/lib/names/identifiers'
import { defaultNamespaceText } from '@/lib/changes/view-edits/compare-defaults'
import type { ViewMetadata } from '@/lib/iceberg/view/view-metadata'
import type { Actor } from '@/server/auth/actor'
import type { CommittedView } from '@/server/catalog/port/catalog-write'
import type { AuditState, NewAuditEntry } from '@/server/db/audit'
import { findDifferences, pickSide } from '@/server/table/commit/audit-differences'

/** The audit entry of a created or replaced view: the metadata files before and after, and the differences. */
export function viewAuditEntry(
  { before, after }: CommittedView,
  { actor, action, requestId }: { actor: Actor; action: string; requestId: string | null },
): NewAuditEntry {
  const properties = findDifferences(before?.metadata.properties ?? {}, after.metadata.properties)
  const layout = findDifferences(before ? currentIds(before.metadata) : {}, currentIds(after.metadata))
  const state = (side: 0 | 1, metadataLocation: string): AuditState => ({
    metadataLocation,
    ...(before && layout.length > 0 && { layout: pickSide(layout, side) }),
    ...(properties.length > 0 && { properties: pickSide(properties, side) }),
  })
  return {
    actor,
    via: actor.via ?? null,
    action,
    table: asTableIdentifier(after.identifier),
    tableUuid: after.metadata.viewUuid,
    before: before && state(0, before.metadataLocation),
    after: state(1, after.metadataLocation),
    requestId,
  }
}

/** The ids that engines read: the current version with its dialects, where its names are looked up, and its schema. */
function currentIds({ versions, currentVersionId }: ViewMetadata): Record<string, string> {
  const current = versions.find(({ versionId }) => versionId === currentVersionId)
  const dialects = current?.representations.map((one) => (one.type === 'sql' ? one.dialect : 'not SQL')) ?? []
  const defaultNamespace = current && defaultNamespaceText(current.defaultNamespace)
  const defaultCatalog = current?.defaultCatalog
  return {
    version: `id ${currentVersionId}`,
    dialects: dialects.join(', '),
    ...(defaultNamespace != null && { 'default namespace': defaultNamespace }),
    ...(defaultCatalog != null && { 'default catalog': defaultCatalog }),
    ...(current && { schema: `id ${current.schemaId}` }),
  }
}
