import type { CatalogAccess } from '@/lib/contract/tables'

export const SNIPPET_ENGINES = ['pyiceberg', 'spark', 'trino', 'flink', 'duckdb', 'curl'] as const
export type SnippetEngine = (typeof SNIPPET_ENGINES)[number]

/**
 * By what an engine comes to a table: the catalog over REST, the embedded catalog's database file (on its machine
 * only), or the table's metadata file alone, as it is now and read only.
 */
export type AccessMethod = 'rest' | 'database' | 'metadata'

export type ConnectFacts = {
  catalogKind: 'embedded' | 'rest' | 'files'
  catalogAccess: CatalogAccess
  location: string
  metadataLocation: string
}

/** Text to paste, and what has to be known beside it. */
export type Snippet = { text: string; note: string | null }
