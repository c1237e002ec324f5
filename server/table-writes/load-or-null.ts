import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'

export async function loadOrNull(
  catalog: Pick<CatalogClient, 'loadTable'>,
  identifier: TableIdentifier,
): Promise<LoadedTable | null> {
  try {
    return await catalog.loadTable(identifier)
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return null
    throw error
  }
}
