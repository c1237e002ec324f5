import 'server-only'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, isPermitted } from '@/server/auth/actor'
import { readSimilarObjects } from '@/server/db/search/similar-objects'
import type { Services } from '@/server/services'
import { readIndexedSources } from './indexed-sources'

const MAX_NAMED = 3

/**
 * Warns of tables and views that the actor may read and whose names differ from a new name only in case: Iceberg tells
 * them apart, and Trino and Hive do not. Empty if the index does not answer for the actor.
 *
 * @param except the object that is about to lose its name
 */
export async function findCaseWarnings(
  services: Pick<Services, 'catalogs' | 'database'>,
  actor: Actor,
  name: TableIdentifier,
  except?: TableIdentifier,
): Promise<string[]> {
  const { searched } = await readIndexedSources(services, actor)
  if (!searched.some(({ catalog }) => catalog === name.catalog)) return []
  const similar = await readSimilarObjects(services.database, name)
  const found = similar
    .map((one) => ({ ...one, identifier: { ...name, table: one.name } }))
    .filter(
      ({ name: other, identifier }) =>
        other !== name.table &&
        other.toLowerCase() === name.table.toLowerCase() &&
        isPermitted(actor, 'table:read', identifier) &&
        (except === undefined || !isSameTable(identifier, except)),
    )
    .slice(0, MAX_NAMED)
  if (found.length === 0) return []
  const names = found.map(({ kind, name: other }) => `the ${kind} ${other}`).join(', ')
  return [
    `The namespace has ${names} already. Engines that ignore case, such as Trino and Hive, cannot tell the two names apart.`,
  ]
}
