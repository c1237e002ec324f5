import type { RestAccess } from '@/lib/contract/tables'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { quoteIdentifier } from '@/lib/query/quote-identifier'
import { commentText, propertyText } from './quoting'
import { secretVariable } from './rest-properties'
import type { ConnectFacts, Snippet } from './snippet'

/** The file that makes a catalog of Trino, which is named as the file is, and the first query as its last comment. */
export function trinoRest(
  { catalog, namespace, table }: TableRef,
  { uri, warehouse, prefix, signIn }: RestAccess,
  { catalogKind, location }: ConnectFacts,
): Snippet | null {
  if (signIn.kind === 'basic') return null
  const isEmbedded = catalogKind === 'embedded'
  const file = catalog.toLowerCase()
  const levels = [...namespace, table]
  const secret = `\${ENV:${secretVariable(signIn, isEmbedded)}}`
  const own: [string, string | null][] = [
    ['uri', propertyText(uri)],
    ['warehouse', warehouse && propertyText(warehouse)],
    ['prefix', isEmbedded ? null : prefix && propertyText(prefix)],
    ['nested-namespace-enabled', namespace.length > 1 ? 'true' : null],
    // Trino asks in small letters whatever is written.
    ['case-insensitive-name-matching', levels.some((level) => level !== level.toLowerCase()) ? 'true' : null],
    ...securityOf(signIn, secret),
  ]
  const name = [file, namespace.join('.'), table].map(quoteIdentifier).join('.')
  const text = [
    `# etc/catalog/${commentText(file)}.properties`,
    'connector.name=iceberg',
    'iceberg.catalog.type=rest',
    ...own.flatMap(([key, value]) => (value === null ? [] : [`iceberg.rest-catalog.${key}=${value}`])),
    ...fileSystemOf(location),
    ...(signIn.kind === 'sigv4' ? [`s3.region=${propertyText(signIn.region)}`] : []),
    `# then: SELECT count(*) FROM ${commentText(name)}`,
  ].join('\n')
  return { text, note: null }
}

function securityOf(signIn: RestAccess['signIn'], secret: string): [string, string | null][] {
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
        ['oauth2.server-uri', signIn.tokenUri && propertyText(signIn.tokenUri)],
        ['oauth2.scope', signIn.scope && propertyText(signIn.scope)],
      ]
    case 'sigv4':
      return [
        ['security', 'SIGV4'],
        ['signing-name', propertyText(signIn.service)],
      ]
    default:
      return []
  }
}

function fileSystemOf(location: string): string[] {
  if (/^s3[an]?:/.test(location)) return ['fs.native-s3.enabled=true']
  return location.startsWith('file:') || location.startsWith('hdfs:') ? ['fs.hadoop.enabled=true'] : []
}
