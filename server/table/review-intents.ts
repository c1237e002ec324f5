import 'server-only'
import { propertyValue } from '@/lib/iceberg/property-value'
import type { z } from 'zod'
import type { ChangeConflict, ChangeIntent, reviewChanges } from '@/lib/contract/changes'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'
import { changeRequest } from './change-request'

/** The commit that intents stand for on the table as it is now, and which of them somebody else overtook. */
export async function reviewIntents(
  catalog: CatalogClient,
  table: LoadedTable,
  intents: readonly ChangeIntent[],
  signal: AbortSignal,
): Promise<z.output<typeof reviewChanges.output>> {
  const { properties } = table.metadata
  const nowOf = (key: string) => propertyValue(properties, key)
  const conflicts = intents
    .filter(({ key, base }) => nowOf(key) !== base)
    .map(
      (intent): ChangeConflict => ({
        key: intent.key,
        base: intent.base,
        now: nowOf(intent.key),
        wanted: intent.kind === 'set-property' ? intent.value : null,
      }),
    )
  return {
    // Shown as it would be once every conflict is settled for "mine".
    ...(await changeRequest(
      catalog,
      table,
      intents.map((intent) => ({ ...intent, base: nowOf(intent.key) })),
      signal,
    )),
    metadataLocation: table.metadataLocation,
    conflicts,
  }
}
