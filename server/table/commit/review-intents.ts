import 'server-only'
import type { z } from 'zod'
import type { ChangeConflict, ChangeIntent, reviewChanges } from '@/lib/contract/changes'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { Keys } from '@/server/auth/keys'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'
import { buildChangeRequest } from './change-request'
import { maskProperty } from '../mask-properties'

/**
 * The commit that the intents would make on the table as it is now, and the intents that conflict with other changes.
 */
export async function reviewIntents(
  keys: Keys,
  catalog: CatalogClient,
  table: LoadedTable,
  intents: readonly ChangeIntent[],
  signal: AbortSignal,
): Promise<z.output<typeof reviewChanges.output>> {
  const { properties, tableUuid } = table.metadata
  const currentValue = (key: string) => propertyValue(properties, key)
  const shownValue = (key: string) => maskProperty(keys, key, currentValue(key), tableUuid)
  const conflicts = intents
    .filter(({ key, base }) => shownValue(key) !== base)
    .map(
      (intent): ChangeConflict => ({
        key: intent.key,
        base: intent.base,
        now: shownValue(intent.key),
        wanted: intent.kind === 'set-property' ? intent.value : null,
      }),
    )
  return {
    // The request as it would be after every conflict is resolved as "mine".
    ...(await buildChangeRequest(
      catalog,
      table,
      intents.map((intent) => ({ ...intent, base: currentValue(intent.key) })),
      signal,
    )),
    metadataLocation: table.metadataLocation,
    conflicts,
  }
}
