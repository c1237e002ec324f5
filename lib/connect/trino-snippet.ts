import type { RestAccess } from '@/lib/contract/table/tables'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { commentText, javaPropertyText } from '@/lib/sql/quoting'
import { secretVariable } from './rest-properties'
import type { ConnectFacts, Snippet } from './snippet'
import { trinoTableName } from '@/lib/sql/trino-table-name'

/**
 * The file that defines a catalog of Trino, whose name is the file's, and the first query as its last comment. Null if
 * Trino has no name for the table: `$` and `@` introduce metadata tables and versions, and a dot separates namespaces.
 */
export function trinoRestSnippet(
  { catalog, namespace, table }: TableIdentifier,
  { uri, warehouse, prefix, signIn, delegation }: RestAccess,
  { catalogKind, catalogAccess: { s3 }, location }: ConnectFacts,
): Snippet | null {
  if (signIn.kind === 'basic') return null
  const name = trinoTableName({ catalog, namespace, table })
  if (name === null) return null
  const isEmbedded = catalogKind === 'embedded'
  const file = catalog.toLowerCase()
  const levels = [...namespace, table]
  const secret = `\${ENV:${secretVariable(signIn, isEmbedded)}}`
  const catalogProperties: [string, string | null][] = [
    ['uri', javaPropertyText(uri)],
    ['warehouse', warehouse && javaPropertyText(warehouse)],
    ['prefix', isEmbedded ? null : prefix && javaPropertyText(prefix)],
    // The embedded catalog has nested namespaces; of another catalog only this table shows it.
    ['nested-namespace-enabled', isEmbedded || namespace.length > 1 ? 'true' : null],
    // Trino sends names in lower case, however they are written.
    ['case-insensitive-name-matching', levels.some((level) => level !== level.toLowerCase()) ? 'true' : null],
    ...securityProperties(signIn, secret),
  ]
  const files = fileSystemProperties(location, s3, delegation === 'none')
  const text = [
    `# etc/catalog/${commentText(file)}.properties`,
    'connector.name=iceberg',
    'iceberg.catalog.type=rest',
    ...catalogProperties.flatMap(([key, value]) => (value === null ? [] : [`iceberg.rest-catalog.${key}=${value}`])),
    ...files.properties.map(([key, value]) => `${key}=${javaPropertyText(value)}`),
    ...(signIn.kind === 'sigv4' && !files.properties.some(([key]) => key === 's3.region')
      ? [`s3.region=${javaPropertyText(signIn.region)}`]
      : []),
    `# then: SELECT count(*) FROM ${commentText(name)}`,
  ].join('\n')
  return { text, note: files.note }
}

function securityProperties(signIn: RestAccess['signIn'], secret: string): [string, string | null][] {
  switch (signIn.kind) {
    case 'bearer':
      return [
        ['security', 'OAUTH2'],
        ['oauth2.token', secret],
      ]
    case 'oauth2':
      return [
        ['security', 'OAUTH2'],
        ['oauth2.credential', secret],
        ['oauth2.server-uri', signIn.tokenUri && javaPropertyText(signIn.tokenUri)],
        ['oauth2.scope', signIn.scope && javaPropertyText(signIn.scope)],
      ]
    case 'sigv4':
      return [
        ['security', 'SIGV4'],
        ['signing-name', javaPropertyText(signIn.service)],
      ]
    default:
      return []
  }
}

/** How Trino reaches the files: it does not take an endpoint or a signature from the catalog. */
function fileSystemProperties(
  location: string,
  s3: ConnectFacts['catalogAccess']['s3'],
  needsOwnKeys: boolean,
): { properties: readonly [string, string][]; note: string | null } {
  if (/^s3[an]?:/.test(location)) {
    const store: [string, string][] = s3
      ? [
          ...(s3.endpoint === null ? [] : [['s3.endpoint', s3.endpoint] as [string, string]]),
          ['s3.region', s3.region],
          ...(s3.isPathStyle ? [['s3.path-style-access', 'true'] as [string, string]] : []),
        ]
      : []
    return {
      properties: [['fs.native-s3.enabled', 'true'], ...store],
      note: s3 || needsOwnKeys ? 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in Trino’s environment.' : null,
    }
  }
  if (location.startsWith('file:')) {
    // The root, because locations are absolute paths.
    const properties: [string, string][] = [
      ['fs.native-local.enabled', 'true'],
      ['local.location', '/'],
    ]
    return { properties, note: 'Works only on the machine that Lakeshore runs on, with Trino 471 or newer.' }
  }
  return { properties: location.startsWith('hdfs:') ? [['fs.hadoop.enabled', 'true']] : [], note: null }
}
