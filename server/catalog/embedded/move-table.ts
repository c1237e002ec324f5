import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { type Statement, UnexpectedChanges } from '@/server/db/database'
import type { RowOptions } from '../catalog-client'
import { type Parts, requireTableRow } from './load-table'
import { labelOf, requireTableName } from './names'
import { requireNamespace } from './namespaces'
import { deleteTable, readTableRow, renameTableRow } from './rows'

/** The table keeps its uuid, its files and their location. */
export async function renameTable(parts: Parts, from: TableRef, to: TableRef, options: RowOptions = {}) {
  requireTableName(to)
  if (to.catalog !== parts.name) throw new AppError('not-supported', 'A table cannot be moved to another catalog.')
  const { metadataLocation } = requireTableRow(parts, from)
  await changeRow(parts, renameTableRow(from, to), options.alongside?.({ ref: from, metadataLocation }), () => {
    requireTableRow(parts, from)
    requireNamespace(parts, to.namespace)
    const taken = readTableRow(parts.database, to)
    if (taken) throw new AppError('already-exists', `${taken.isView ? 'View' : 'Table'} already exists: ${labelOf(to)}`)
  })
}

/** Only the row goes; every file stays where it is. */
export async function dropTable(parts: Parts, ref: TableRef, options: RowOptions = {}): Promise<void> {
  const { metadataLocation } = requireTableRow(parts, ref)
  await changeRow(parts, deleteTable(ref), options.alongside?.({ ref, metadataLocation }), () =>
    requireTableRow(parts, ref),
  )
}

/** @param explain throws what made the change lose, by the catalog as it is afterwards */
async function changeRow(
  { database }: Parts,
  statement: Statement,
  alongside: readonly Statement[] = [],
  explain: () => void,
): Promise<void> {
  try {
    await database.transact([statement, ...alongside])
  } catch (error) {
    if (!(error instanceof UnexpectedChanges)) throw error
    if (error.index > 0) throw new UnexpectedChanges(error.index - 1, error.changes)
    explain()
    throw new AppError('commit-conflict', 'The catalog changed meanwhile.', { cause: error })
  }
}
