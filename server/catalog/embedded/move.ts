import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { forgetFolders, renameFolders } from '@/server/db/catalog-folders'
import { deleteRow, readTableRow, renameRow, type RowKind } from '@/server/db/catalog-rows'
import type { RowOptions } from '../catalog-client'
import { changeRows } from './change-rows'
import { type Parts, requireRow } from './load-table'
import { labelOf, requireTableName } from './names'
import { requireNamespace } from './namespaces'

/** Nobody commits this often between the reading of a row and the one statement that removes it. */
const MOST_TRIES = 10

/** A table or view keeps its uuid, its files and their location. */
export async function rename(
  parts: Parts,
  kind: RowKind,
  { from, to }: { from: TableRef; to: TableRef },
  options: RowOptions = {},
): Promise<void> {
  requireTableName(to)
  if (to.catalog !== parts.name) throw new AppError('not-supported', `A ${kind} cannot be moved to another catalog.`)
  const { metadataLocation } = await requireRow(parts, from, kind)
  await changeRows(
    parts.database,
    [renameRow(from, to, kind), ...renameFolders(from, to)],
    options.alongside?.({ ref: from, metadataLocation }),
    async () => {
      await requireRow(parts, from, kind)
      await requireNamespace(parts, to.namespace)
      const taken = await readTableRow(parts.database, to)
      if (!taken) return
      throw new AppError(
        'already-exists',
        `Cannot rename ${labelOf(from)} to ${labelOf(to)}. ${taken.isView ? 'View' : 'Table'} already exists`,
      )
    },
  )
}

/**
 * Only the row goes; every file stays where it is. What is told alongside is of the metadata that the row named last,
 * so that a commit in between is dropped with it.
 */
export async function drop(parts: Parts, kind: RowKind, ref: TableRef, options: RowOptions = {}): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const { metadataLocation } = await requireRow(parts, ref, kind)
    const changes = [deleteRow(ref, metadataLocation, kind), forgetFolders(ref)]
    let isChanged = false
    try {
      await changeRows(parts.database, changes, options.alongside?.({ ref, metadataLocation }), async () => {
        const row = await requireRow(parts, ref, kind)
        isChanged = row.metadataLocation !== metadataLocation
      })
      return
    } catch (error) {
      if (!isChanged || tries === MOST_TRIES) throw error
    }
  }
}
