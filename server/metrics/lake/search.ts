import 'server-only'
import type { SearchHit } from '@/lib/contract/search'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import type { Lake } from './lake-walk'

const MAX_HITS = 50

/**
 * Tables, views and namespaces whose full name contains every word. Names that begin with the words come first, then
 * shorter names.
 */
export function searchHits(
  lake: Pick<Lake, 'namespaces' | 'tables' | 'views' | 'isCut'>,
  words: string,
): { hits: SearchHit[]; isCut: boolean } {
  const lowerCaseWords = words.toLowerCase().split(/\s+/).filter(Boolean)
  const all: SearchHit[] = [
    ...lake.namespaces.map((place) => ({ ...place, entry: null })),
    ...lake.tables.map(({ table, ...place }): SearchHit => ({ ...place, entry: { kind: 'table', name: table } })),
    ...lake.views.map(({ view, ...place }): SearchHit => ({ ...place, entry: { kind: 'view', name: view } })),
  ]
  const found = all.flatMap((hit) => {
    const label = labelOf(hit)
    return lowerCaseWords.every((word) => label.includes(word))
      ? [{ hit, label, rank: rankOf(hit, lowerCaseWords) }]
      : []
  })
  found.sort((a, b) => a.rank - b.rank || a.label.length - b.label.length || (a.label < b.label ? -1 : 1))
  return {
    hits: found.slice(0, MAX_HITS).map(({ hit }) => hit),
    isCut: lake.isCut || found.length > MAX_HITS,
  }
}

function labelOf({ namespace, entry }: SearchHit): string {
  return [namespaceLabel(namespace), ...(entry === null ? [] : [entry.name])].join('.').toLowerCase()
}

/** 0: the last name begins with the last word; 1: another level does; 2: the words only occur inside names. */
function rankOf({ namespace, entry }: SearchHit, lowerCaseWords: readonly string[]): number {
  const word = lowerCaseWords.at(-1) ?? ''
  const levels = [...namespace, ...(entry === null ? [] : [entry.name])].map((level) => level.toLowerCase())
  if (levels.at(-1)?.startsWith(word)) return 0
  return levels.some((level) => level.startsWith(word)) ? 1 : 2
}
