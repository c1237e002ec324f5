import 'server-only'
import type { FoundQuery } from '@/lib/contract/search'
import { foldText } from '@/lib/search/fold-text'
import { parseSearch } from '@/lib/search/parse-search'
import { rankHits } from '@/lib/search/rank-hits'
import type { Actor } from '@/server/auth/actor'
import { listVisibleQueries, type QueryServices } from '@/server/query/saved-queries'

const MAX_LOOKED_AT = 100
const MAX_FOUND = 8

/** Saved queries of the user and shared ones with all words in their names, the closest first. */
export async function findQueries(services: QueryServices, actor: Actor, text: string): Promise<FoundQuery[]> {
  const { words, kinds } = parseSearch(text)
  const longest = words.reduce((longer, word) => (word.length > longer.length ? word : longer), '')
  if (longest === '' || (kinds !== null && !kinds.includes('query'))) return []
  const { queries } = await listVisibleQueries(services, actor, { contains: longest, limit: MAX_LOOKED_AT })
  const named = queries.filter(({ name }) => words.every((word) => foldText(name).includes(word)))
  const ranked = rankHits(
    named.map((query) => ({ ...query, path: '', detail: null })),
    words,
  )
  return ranked.slice(0, MAX_FOUND).map(({ queryId, name, owner }) => ({ queryId, name, ownerName: owner }))
}
