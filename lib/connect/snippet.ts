import type { CatalogAccess } from '@/lib/contract/table/tables'

export const SNIPPET_ENGINES = ['pyiceberg', 'spark', 'trino', 'flink', 'duckdb', 'curl'] as const
export type SnippetEngine = (typeof SNIPPET_ENGINES)[number]

/**
 * How an engine reaches a table: through the catalog over REST, the embedded catalog's database file (on its machine
 * only), or the table's metadata file alone, read only and in its current state.
 */
export type AccessMethod = 'rest' | 'database' | 'metadata'

export type ConnectFacts = {
  catalogKind: 'embedded' | 'rest' | 'files'
  catalogAccess: CatalogAccess
  location: string
  metadataLocation: string
}

/** Text to paste, and a note in whole sentences to show next to it. */
export type Snippet = { text: string; note: string | null }

export const READ_ONLY_NOTE = 'Read only. It shows the table as it is now.'
export const SAME_MACHINE_NOTE = 'Works only on the machine that Lakeshore runs on.'
/** The variable with a user's token for the embedded catalog. */
export const TOKEN_VARIABLE = 'LAKESHORE_TOKEN'
