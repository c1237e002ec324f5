import 'server-only'
import { AppError } from '@/lib/errors'
import { asTableIdentifier } from '@/lib/names/identifiers'
import { dropTableGrantsChange, moveGrantsChanges } from '@/server/db/auth/moved-grants'
import { deleteFolders, renameFolders } from '@/server/db/catalog/table-folders'
import { deleteRow, readTableRow, renameRow, type RowKind } from '@/server/db/catalog/table-rows'
import type { CatalogWrite, WriteOptions } from '../port/catalog-write'
import { entryOf } from '../port/written-entries'
import { requireExpectedLocation } from '../folders/expected-location'
import { changeRows } from './change-rows'
import { type EmbeddedCatalogDeps, requireRow } from './load-table'
import { labelOf, requireEntryName } from './names'
import { requireNamespace } from './namespaces'

/** No writer commits this often between the read of a row and the statement that removes it. */
const MAX_DROP_ATTEMPTS = 10

/** The table or view keeps its uuid, its files and their location. */
export async function renameEntry(
  deps: EmbeddedCatalogDeps,
  write: CatalogWrite<'rename-table' | 'rename-view'>,
  { alongside }: WriteOptions<'rename-table' | 'rename-view'>,
): Promise<void> {
  const kind = kindOf(write)
  const from = entryOf(write)
  const to = 'view' in write ? asTableIdentifier(write.to) : write.to
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
export async function dropEntry(
  deps: EmbeddedCatalogDeps,
  write: CatalogWrite<'drop-table' | 'drop-view'>,
  { alongside }: WriteOptions<'drop-table' | 'drop-view'>,
): Promise<void> {
  const kind = kindOf(write)
  const identifier = entryOf(write)
  for (let attempts = 1; ; attempts += 1) {
    const { metadataLocation } = await requireRow(deps, identifier, kind)
    requireExpectedLocation(metadataLocation, write.expectedLocation)
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

function kindOf(write: object): RowKind {
  return 'view' in write ? 'view' : 'table'
}
