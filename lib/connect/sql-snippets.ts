import type { RestAccess } from '@/lib/contract/tables'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { quoteIdentifier, quoteString } from '@/lib/query/quote-identifier'
import { backticked } from './quoting'
import { restProperties, secretVariable, type SnippetValue } from './rest-properties'
import type { ConnectFacts, Snippet } from './snippet'

/** Snippets in SQL: Flink and DuckDB. */

/** Flink's databases are one level deep: the levels above are the catalog's base. */
export function flinkRest(
  { catalog, namespace, table }: TableRef,
  rest: RestAccess,
  { catalogKind }: ConnectFacts,
): Snippet {
  const above = namespace.slice(0, -1)
  const properties: [string, SnippetValue][] = [
    ['type', 'iceberg'],
    ['catalog-type', 'rest'],
    ...restProperties(rest, catalogKind === 'embedded'),
    ...(above.length === 0 ? [] : [['base-namespace', above.join('.')] as [string, SnippetValue]]),
  ]
  const variables = properties.flatMap(([, value]) => (typeof value === 'string' ? [] : [value.env]))
  const name = [catalog, namespace.at(-1) ?? '', table].map(backticked).join('.')
  const text = [
    `CREATE CATALOG ${backticked(catalog)} WITH (`,
    properties.map(([key, value]) => `  ${quoteString(key)} = ${quoteString(plainText(value))}`).join(',\n'),
    ');',
    `SELECT count(*) FROM ${name};`,
  ].join('\n')
  return { text, note: inPlaceOf(variables) }
}

export function duckdbRest(
  { catalog, namespace, table }: TableRef,
  { uri, warehouse, signIn }: RestAccess,
  { catalogKind }: ConnectFacts,
): Snippet | null {
  const isEmbedded = catalogKind === 'embedded'
  if (signIn.kind === 'basic' || signIn.kind === 'sigv4') return null
  const variable = secretVariable(signIn, isEmbedded)
  const secret = {
    none: [],
    bearer: [`TOKEN ${quoteString(variable)}`],
    oauth2: [
      `CLIENT_ID 'CATALOG_CLIENT_ID'`,
      `CLIENT_SECRET 'CATALOG_CLIENT_SECRET'`,
      `OAUTH2_SERVER_URI ${quoteString((signIn.kind === 'oauth2' ? signIn.tokenUri : null) ?? `${uri}/v1/oauth/tokens`)}`,
      ...(signIn.kind === 'oauth2' && signIn.scope !== null ? [`OAUTH2_SCOPE ${quoteString(signIn.scope)}`] : []),
    ],
  }[signIn.kind]
  const options = [
    'TYPE iceberg',
    `ENDPOINT ${quoteString(uri)}`,
    signIn.kind === 'none' ? `AUTHORIZATION_TYPE 'none'` : 'SECRET lake_login',
    // Lakeshore keeps the keys of its storage to itself.
    ...(isEmbedded ? [`ACCESS_DELEGATION_MODE 'none'`] : []),
    ...(namespace.length > 1 ? ['SUPPORT_NESTED_NAMESPACES true'] : []),
  ]
  const name = [catalog, namespace.join('.'), table].map(quoteIdentifier).join('.')
  const text = [
    'INSTALL iceberg;',
    'LOAD iceberg;',
    ...(secret.length === 0 ? [] : [`CREATE SECRET lake_login (TYPE iceberg, ${secret.join(', ')});`]),
    `ATTACH ${quoteString(warehouse ?? '')} AS ${quoteIdentifier(catalog)} (${options.join(', ')});`,
    `SELECT count(*) FROM ${name};`,
  ].join('\n')
  const variables = { none: [], bearer: [variable], oauth2: ['CATALOG_CLIENT_ID', 'CATALOG_CLIENT_SECRET'] }
  return { text, note: inPlaceOf(variables[signIn.kind]) }
}

export function duckdbMetadata(_table: TableRef, { metadataLocation }: ConnectFacts): Snippet {
  const text = [
    'INSTALL iceberg;',
    'LOAD iceberg;',
    `SELECT count(*) FROM iceberg_scan(${quoteString(metadataLocation.replace(/^file:\/\//, ''))});`,
  ].join('\n')
  return { text, note: 'as the table is now, read only' }
}

/** SQL reads no environment: the name stands where the value goes. */
function plainText(value: SnippetValue): string {
  return typeof value === 'string' ? value : value.env
}

function inPlaceOf(variables: readonly string[]): string | null {
  return variables.length === 0 ? null : `put your own in the place of ${variables.join(' and ')}`
}
