import type { TableIdentifier } from '@/lib/names/identifiers'
import { curlRestSnippet } from './curl-snippet'
import {
  pyicebergDatabaseSnippet,
  pyicebergMetadataSnippet,
  pyicebergRestSnippet,
  sparkDatabaseSnippet,
  sparkRestSnippet,
} from './python-snippets'
import { type ConnectFacts, type AccessMethod, type Snippet, SNIPPET_ENGINES, type SnippetEngine } from './snippet'
import { duckdbMetadataSnippet, duckdbRestSnippet, flinkRestSnippet } from './sql-snippets'
import { trinoRestSnippet } from './trino-snippet'

/** The snippet with which another engine reads this table; null if the engine cannot reach it this way. */
export function snippetFor(
  engine: SnippetEngine,
  table: TableIdentifier,
  facts: ConnectFacts,
  method: AccessMethod,
): Snippet | null {
  const { rest, database } = facts.catalogAccess
  switch (method) {
    case 'rest':
      return rest && REST_SNIPPETS[engine](table, rest, facts)
    case 'database':
      return (database && DATABASE_SNIPPETS[engine]?.(table, database, facts)) ?? null
    case 'metadata':
      return METADATA_SNIPPETS[engine]?.(table, facts) ?? null
  }
}

/** Engines that can reach the table, each with its access methods, the preferred one first. */
export function availableSnippets(
  table: TableIdentifier,
  facts: ConnectFacts,
): { engine: SnippetEngine; methods: [AccessMethod, ...AccessMethod[]] }[] {
  return SNIPPET_ENGINES.flatMap((engine) => {
    const [first, ...others] = ACCESS_METHODS.filter((method) => snippetFor(engine, table, facts, method) !== null)
    return first === undefined ? [] : [{ engine, methods: [first, ...others] as [AccessMethod, ...AccessMethod[]] }]
  })
}

const ACCESS_METHODS: readonly AccessMethod[] = ['rest', 'database', 'metadata']

const REST_SNIPPETS = {
  pyiceberg: pyicebergRestSnippet,
  spark: sparkRestSnippet,
  trino: trinoRestSnippet,
  flink: flinkRestSnippet,
  duckdb: duckdbRestSnippet,
  curl: curlRestSnippet,
}
const DATABASE_SNIPPETS: Partial<Record<SnippetEngine, typeof pyicebergDatabaseSnippet>> = {
  pyiceberg: pyicebergDatabaseSnippet,
  spark: sparkDatabaseSnippet,
}
const METADATA_SNIPPETS: Partial<Record<SnippetEngine, typeof pyicebergMetadataSnippet>> = {
  pyiceberg: pyicebergMetadataSnippet,
  duckdb: duckdbMetadataSnippet,
}
