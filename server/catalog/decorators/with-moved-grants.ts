import 'server-only'
import { asTableIdentifier } from '@/lib/names/identifiers'
import type { CatalogWrite, WriteDecorator } from '@/server/catalog/port/catalog-write'
import { dropNamespaceGrantsChange, dropTableGrantsChange, moveGrantsChanges } from '@/server/db/auth/moved-grants'
import { entryOf } from '@/server/catalog/port/written-entries'
import type { Change } from '@/server/db/database'
import { withRows } from './with-rows'

/**
 * In a remote catalog grants follow what the console renames there, and go with what it drops. The embedded catalog
 * does so in the transaction of the change. What other programs do in a remote catalog is not seen.
 */
export function withMovedGrants(catalog: string): WriteDecorator {
  return withRows((write) => grantsChanges(catalog, write))
}

function grantsChanges(catalog: string, write: CatalogWrite): readonly Change[] {
  switch (write.kind) {
    case 'rename-table':
      return moveGrantsChanges(write.table, write.to)
    case 'rename-view':
      return moveGrantsChanges(entryOf(write), asTableIdentifier(write.to))
    case 'drop-table':
    case 'drop-view':
      return [dropTableGrantsChange(entryOf(write))]
    case 'drop-namespace':
      return [dropNamespaceGrantsChange(catalog, write.namespace)]
    default:
      return []
  }
}
