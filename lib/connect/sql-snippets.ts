import { formatList } from '@/lib/format/sentence'
import type { RestAccess } from '@/lib/contract/table/tables'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { quoteIdentifier, quoteString } from '@/lib/sql/quote-identifier'
import { quoteWithBackticks } from '@/lib/sql/quoting'
import { restProperties, secretVariable, type SnippetValue } from './rest-properties'
import { isInS3, storeWithoutDelegation, duckdbStoreSecret, javaStoreProperties } from './s3-store'
import { type ConnectFacts, READ_ONLY_NOTE, type Snippet, TOKEN_VARIABLE } from './snippet'

/** Snippets in SQL: Flink and DuckDB. */

const FLINK_JARS = [
  'iceberg-flink-runtime-1.20-1.10.1.jar',
  'hadoop-client-api-3.4.2.jar',
  'hadoop-client-runtime-3.4.2.jar',
]
const FLINK_S3_JAR = 'iceberg-aws-bundle-1.10.1.jar'

/** Flink's databases have one level: the levels above go into the catalog's base namespace. */
export function flinkRestSnippet(
  { catalog, namespace, table }: TableIdentifier,
  rest: RestAccess,
  facts: ConnectFacts,
): Snippet | null {
  if (!isSupportedByFlink(namespace, table)) return null
  const { catalogKind, location } = facts
  const store = storeWithoutDelegation(rest, facts)
  const parentLevels = namespace.slice(0, -1)
  const properties: [string, SnippetValue][] = [
    ['type', 'iceberg'],
    ['catalog-type', 'rest'],
    ...restProperties(rest, catalogKind === 'embedded'),
    ...javaStoreProperties(store.s3),
    ...(parentLevels.length === 0 ? [] : [['base-namespace', parentLevels.join('.')] as [string, SnippetValue]]),
  ]
  const variables = properties.flatMap(([, value]) => (typeof value === 'string' ? [] : [value.env]))
  const name = [catalog, namespace.at(-1) ?? '', table].map(quoteWithBackticks).join('.')
  const jars = [...FLINK_JARS, ...(isInS3(location) ? [FLINK_S3_JAR] : [])]
  const text = [
    '-- The lib folder of Flink 1.20 needs:',
    ...jars.map((jar) => `--   ${jar}`),
    ...store.comment.map((line) => `-- ${line}`),
    `CREATE CATALOG ${quoteWithBackticks(catalog)} WITH (`,
    properties.map(([key, value]) => `  ${quoteString(key)} = ${quoteString(sqlValue(value))}`).join(',\n'),
    ');',
    // A streaming query would count row by row.
    `SET 'execution.runtime-mode' = 'batch';`,
    `SELECT count(*) FROM ${name};`,
  ].join('\n')
  return { text, note: replaceNote(variables) }
}

/**
 * Iceberg for Flink passes names on as one text that it splits at dots, treats `$` as the start of a metadata table's
 * name, and names its threads by a format string made of the table's name. A misread name may be another table's.
 */
function isSupportedByFlink(namespace: readonly string[], table: string): boolean {
  return !table.includes('$') && [...namespace, table].every((level) => !/[.%]/.test(level))
}

export function duckdbRestSnippet(
  { catalog, namespace, table }: TableIdentifier,
  { uri, warehouse, signIn, delegation }: RestAccess,
  { catalogKind, catalogAccess: { s3 }, location }: ConnectFacts,
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
    // DuckDB requests keys by default, and does not support signing.
    ...(delegation === 'vended-credentials' ? [] : [`ACCESS_DELEGATION_MODE 'none'`]),
    ...(namespace.length > 1 ? ['SUPPORT_NESTED_NAMESPACES true'] : []),
  ]
  const name = [catalog, namespace.join('.'), table].map(quoteIdentifier).join('.')
  const store = delegation === 'vended-credentials' ? NO_STORE : duckdbStoreSecret(location, s3)
  const text = [
    'INSTALL iceberg;',
    'LOAD iceberg;',
    ...store.lines,
    ...(secret.length === 0 ? [] : [`CREATE SECRET lake_login (TYPE iceberg, ${secret.join(', ')});`]),
    `ATTACH ${quoteString(warehouse ?? '')} AS ${quoteIdentifier(catalog)} (${options.join(', ')});`,
    `SELECT count(*) FROM ${name};`,
  ].join('\n')
  const variables = { none: [], bearer: [variable], oauth2: ['CATALOG_CLIENT_ID', 'CATALOG_CLIENT_SECRET'] }
  return { text, note: replaceNote([...variables[signIn.kind], ...store.variables]) }
}

export function duckdbMetadataSnippet(
  _table: TableIdentifier,
  { metadataLocation, catalogAccess: { s3 } }: ConnectFacts,
): Snippet {
  const { lines, variables } = duckdbStoreSecret(metadataLocation, s3)
  const text = [
    'INSTALL iceberg;',
    'LOAD iceberg;',
    ...lines,
    `SELECT count(*) FROM iceberg_scan(${quoteString(metadataLocation.replace(/^file:\/\//, ''))});`,
  ].join('\n')
  return {
    text,
    note: [READ_ONLY_NOTE, replaceNote(variables)].filter((part) => part !== null).join(' '),
  }
}

const NO_STORE = { lines: [], variables: [] }

/** SQL cannot read the environment: the variable's name stands in for the value. */
function sqlValue(value: SnippetValue): string {
  return typeof value === 'string' ? value : value.env
}

/** The names that the user has to replace, apart from the user's own token. */
function replaceNote(variables: readonly string[]): string | null {
  const names = variables.filter((variable) => variable !== TOKEN_VARIABLE)
  return names.length === 0 ? null : `Replace ${formatList(names)} with your own.`
}
