import 'server-only'
import type { WriteDecorator } from '@/server/catalog/port/catalog-write'
import { dropNamespaceProposalsChange } from '@/server/db/catalog/proposals'
import { dropNamespaceShortcutsChange } from '@/server/db/catalog/shortcuts'
import { withRows } from './with-rows'

/**
 * A dropped namespace leaves its proposals behind, also to another one of its name, and is no longer a favourite. The
 * rows follow those of the caller, among which the commit of one of these proposals may be.
 */
export function withEndedProposals(catalog: string): WriteDecorator {
  return withRows((write) =>
    write.kind === 'drop-namespace'
      ? [dropNamespaceProposalsChange(catalog, write.namespace), dropNamespaceShortcutsChange(catalog, write.namespace)]
      : [],
  )
}
