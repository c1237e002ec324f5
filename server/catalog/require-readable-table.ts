import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Actor } from '@/server/auth/actor'
import { clock } from '@/server/timing/clock'
import type { LakeServices } from './lake-services'

const TIMEOUT_MS = 10_000

/**
 * Before values of rows are shown that were stored when a table was read: its catalog may restrict now what the actor may
 * read of it. Loads the table if it is one of another catalog.
 *
 * @throws {AppError} read-restricted, format-unsupported, and as loading the table
 */
export async function requireReadableTable(
  { catalogs }: Pick<LakeServices, 'catalogs'>,
  table: TableIdentifier,
  { actor }: { actor: Actor },
): Promise<void> {
  const catalog = await catalogs.open(table.catalog, actor)
  if (catalog.kind !== 'rest') return
  const { requireReadable } = await catalog.loadTable(table, { signal: clock.deadline(TIMEOUT_MS) })
  requireReadable?.()
}
