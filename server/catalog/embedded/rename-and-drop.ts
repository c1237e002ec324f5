import 'server-only'
import { AppError } from '@/lib/errors'
import { asTableIdentifier, type TableIdentifier } from '@/lib/names/identifiers'
import { dropTableGrantsChange, moveGrantsChanges } from '@/server/db/auth/moved-grants'
import { deleteFolders, renameFolders } from '@/server/db/catalog/table-folders'
import { deleteRow, readTableRow, renameRow, type RowKind } from '@/server/db/catalog/table-rows'
import type { CatalogWrite, WriteOptions } from '../catalog-write'
import { requireExpectedLocation } from '../folders/expected-location'
import { changeRows } from './change-rows'
import { type EmbeddedCatalogDeps, requireRow } from './load-table'
import { labelOf, requireEntryName } from './names'
import { requireNamespace } from './namespaces'

/** No writer commits this often between the read of a row and the statement that removes it. */
const MAX_DROP_ATTEMPTS = 10

export function renameTable(
  deps: EmbeddedCatalogDeps,
  { table: from, to }: CatalogWrite<'rename-table'>,
  options: WriteOptions<'rename-table'>,
): Promise<void> {
  return renameEntry(deps, 'table', { from, to }, options)
}

export function renameView(
  deps: EmbeddedCatalogDeps,
  { view: from, to }: CatalogWrite<'rename-view'>,
  options: WriteOptions<'rename-view'>,
): Promise<void> {
  return renameEntry(deps, 'view', { from: asTableIdentifier(from), to: asTableIdentifier(to) }, options)
}

export function dropTable(
  deps: EmbeddedCatalogDeps,
  { table, expectedLocation }: CatalogWrite<'drop-table'>,
  options: WriteOptions<'drop-table'>,
): Promise<void> {
  return dropEntry(deps, 'table', { identifier: table, expectedLocation }, options)
}

export function dropView(
  deps: EmbeddedCatalogDeps,
  { view, expectedLocation }: CatalogWrite<'drop-view'>,
  options: WriteOptions<'drop-view'>,
): Promise<void> {
  return dropEntry(deps, 'view', { identifier: asTableIdentifier(view), expectedLocation }, options)
}

/** The table or view keeps its uuid, its files and their location. */
async function renameEntry(
  deps: EmbeddedCatalogDeps,
  kind: RowKind,
  { from, to }: { from: TableIdentifier; to: TableIdentifier },
  { alongside }: WriteOptions<'rename-table' | 'rename-view'>,
): Promise<void> {
  requireEntryName(kind, to)
  if (to.catalog !== deps.name) throw new AppError('not-supported', `A ${kind} cannot be moved to another catalog.`)
  const { metadataLocation } = await requireRow(deps, from, kind)
  await changeRows(
    deps.database,
    [renameRow(from, to, kind), ...renameFolders(from, to), ...moveGrantsChanges(from, to)],
    alongside?.({ metadataLocation }),
    async () => {
      await requireRow(deps, from, kind)
      await requireNamespace(deps, to.namespace)
      const existing = await readTableRow(deps.database, to)
      if (!existing) return
      throw new AppError(
        'already-exists',
        `Cannot rename ${labelOf(from)} to ${labelOf(to)}. ${existing.isView ? 'View' : 'Table'} already exists`,
      )
    },
  )
}

/**
 * Removes the row and no files. `alongside` gets the metadata location that the row named last, so it includes a commit
 * that came in between.
 */
async function dropEntry(
  deps: EmbeddedCatalogDeps,
  kind: RowKind,
  { identifier, expectedLocation }: { identifier: TableIdentifier; expectedLocation: string | undefined },
  { alongside }: WriteOptions<'drop-table' | 'drop-view'>,
): Promise<void> {
  for (let attempts = 1; ; attempts += 1) {
    const { metadataLocation } = await requireRow(deps, identifier, kind)
    requireExpectedLocation(metadataLocation, expectedLocation)
    const changes = [
      deleteRow(identifier, metadataLocation, kind),
      deleteFolders(identifier),
      dropTableGrantsChange(identifier),
    ]
    let isChanged = false
    try {
      await changeRows(deps.database, changes, alongside?.({ metadataLocation }), async () => {
        const row = await requireRow(deps, identifier, kind)
        isChanged = row.metadataLocation !== metadataLocation
      })
      return
    } catch (error) {
      if (!isChanged || attempts === MAX_DROP_ATTEMPTS) throw error
    }
  }
}
