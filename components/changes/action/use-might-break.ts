import { useQuery } from '@tanstack/react-query'
import { useKnownCatalog } from '@/lib/client/catalogs'
import { usesQuery } from '@/lib/client/table/uses'
import type { Intent } from '@/lib/changes/intents/intent'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { lostColumns } from '@/lib/uses/lost-columns'
import { mightBreak, readerEffects } from '@/lib/uses/reader-effects'

const PRODUCTION = 'production'

/**
 * Whether a commit needs the typed name because a reader of a dropped or renamed column breaks, or may; undefined until
 * that is known. True also if the readers cannot be read, and always where the connection is labelled *production*: its
 * readers are not all known.
 */
export function useMightBreak(table: TableIdentifier, intents: readonly Intent[]): boolean | undefined {
  const isLoss = lostColumns(intents).length > 0
  const { data, error } = useQuery({ ...usesQuery(table), enabled: isLoss })
  const { label } = useKnownCatalog(table.catalog)
  if (!isLoss) return false
  if (error || label?.text.trim().toLowerCase() === PRODUCTION) return true
  return data && mightBreak(readerEffects(table, data.uses, intents))
}
