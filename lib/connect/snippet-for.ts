import type { TableRef } from '@/lib/iceberg/identifiers'
import { curlRest } from './curl-snippet'
import { pyicebergDatabase, pyicebergMetadata, pyicebergRest, sparkDatabase, sparkRest } from './python-snippets'
import { type ConnectFacts, type Reach, type Snippet, SNIPPET_ENGINES, type SnippetEngine } from './snippet'
import { duckdbMetadata, duckdbRest, flinkRest } from './sql-snippets'
import { trinoRest } from './trino-snippet'

/** What another engine is given to read this table; null where it cannot come to it so. */
export function snippetFor(engine: SnippetEngine, table: TableRef, facts: ConnectFacts, reach: Reach): Snippet | null {
  const { rest, database } = facts.catalogAccess
  switch (reach) {
    case 'rest':
      return rest && REST[engine](table, rest, facts)
    case 'database':
      return (database && DATABASE[engine]?.(table, database, facts)) ?? null
    case 'metadata':
      return METADATA[engine]?.(table, facts) ?? null
  }
}

/** Engines that come to the table, each with the ways it can, the first choice first. */
export function offeredSnippets(
  table: TableRef,
  facts: ConnectFacts,
): { engine: SnippetEngine; reaches: [Reach, ...Reach[]] }[] {
  return SNIPPET_ENGINES.flatMap((engine) => {
    const [first, ...others] = REACHES.filter((reach) => snippetFor(engine, table, facts, reach) !== null)
    return first === undefined ? [] : [{ engine, reaches: [first, ...others] as [Reach, ...Reach[]] }]
  })
}

const REACHES: readonly Reach[] = ['rest', 'database', 'metadata']

const REST = {
  pyiceberg: pyicebergRest,
  spark: sparkRest,
  trino: trinoRest,
  flink: flinkRest,
  duckdb: duckdbRest,
  curl: curlRest,
}
const DATABASE: Partial<Record<SnippetEngine, typeof pyicebergDatabase>> = {
  pyiceberg: pyicebergDatabase,
  spark: sparkDatabase,
}
const METADATA: Partial<Record<SnippetEngine, typeof pyicebergMetadata>> = {
  pyiceberg: pyicebergMetadata,
  duckdb: duckdbMetadata,
}
