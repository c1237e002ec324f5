import 'server-only'
import { asTableIdentifier } from '@/lib/names/identifiers'
import { dropNamespaceGrantsChange, dropTableGrantsChange, moveGrantsChanges } from '@/server/db/auth/moved-grants'
import type { Change } from '@/server/db/database'
import type { CatalogClient } from '@/server/catalog/catalog-client'

/**
 * Wraps a remote catalog so that grants follow what the console renames there, and go with what it drops. The embedded
 * catalog does so in the transaction of the change. What other programs do in a remote catalog is not seen.
 */
export function withMovedGrants(catalog: CatalogClient): CatalogClient {
  if (catalog.kind === 'embedded') return catalog
  return {
    ...catalog,
    renameTable: (table, to, options) =>
      catalog.renameTable(table, to, withChanges(options, moveGrantsChanges(table, to))),
    dropTable: (table, options) => catalog.dropTable(table, withChanges(options, [dropTableGrantsChange(table)])),
    renameView: (view, to, options) =>
      catalog.renameView(
        view,
        to,
        withChanges(options, moveGrantsChanges(asTableIdentifier(view), asTableIdentifier(to))),
      ),
    dropView: (view, options) =>
      catalog.dropView(view, withChanges(options, [dropTableGrantsChange(asTableIdentifier(view))])),
    dropNamespace: (namespace, options) =>
      catalog.dropNamespace(namespace, withChanges(options, [dropNamespaceGrantsChange(catalog.name, namespace)])),
  }
}

function withChanges<Written, Options extends { alongside?: (written: Written) => readonly Change[] }>(
  options: Options | undefined,
  changes: readonly Change[],
) {
  const alongside = (written: Written) => [...(options?.alongside?.(written) ?? []), ...changes]
  return { ...options, alongside } as Options & { alongside: typeof alongside }
}
