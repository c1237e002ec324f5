import 'server-only'
import { toAuditValues } from './audit-value'
import type { NamespaceChange } from './port/catalog-write'

/** The properties before and after, as the audit has them. */
export function namespaceStates({ before, after }: NamespaceChange) {
  return {
    before: before && { properties: toAuditValues(before.properties) },
    after: after && { properties: toAuditValues(after.properties) },
  }
}
