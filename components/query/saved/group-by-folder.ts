import type { ListedQuery } from '@/lib/contract/queries'

type FolderGroup = { folder: string | null; queries: ListedQuery[] }

/** Queries by folder, folders by name, the queries in no folder last. The order in a folder is that of the list. */
export function groupByFolder(queries: readonly ListedQuery[]): FolderGroup[] {
  const groups = new Map<string | null, FolderGroup>()
  for (const query of queries) {
    const group = groups.get(query.folder) ?? { folder: query.folder, queries: [] }
    group.queries.push(query)
    groups.set(query.folder, group)
  }
  return [...groups.values()].sort((a, b) => {
    if (a.folder === null || b.folder === null) return a.folder === null ? 1 : -1
    return a.folder.localeCompare(b.folder, 'en')
  })
}
