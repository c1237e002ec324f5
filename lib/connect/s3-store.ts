import type { CatalogAccess, RestAccess } from '@/lib/contract/table/tables'
import { quoteString } from '@/lib/sql/quote-identifier'
import type { ConnectFacts } from './snippet'

/** How engines reach files in an S3 store when the catalog does not sign their requests or vend keys. */

/** Null: only the user knows its endpoint. */
type S3Store = CatalogAccess['s3']

const KEY_VARIABLES = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const
const REGION_VARIABLE = 'AWS_REGION'

export function isInS3(location: string): boolean {
  return /^s3[an]?:/.test(location)
}

/**
 * Comment lines, none wider than a narrow page, for engines that look for keys where AWS's own tools do. Empty if the
 * files are not in S3.
 */
export function keysComment(location: string, store: S3Store): string[] {
  if (!isInS3(location)) return []
  return [
    'Needs keys of your own for the bucket:',
    KEY_VARIABLES.join(' and '),
    'in the environment.',
    ...(store === null ? ['A store other than AWS needs its endpoint:', 's3.endpoint and client.region.'] : []),
  ]
}

/** For engines that connect over REST. If the catalog delegates file access, no property is needed. */
export function storeWithoutDelegation(
  { delegation }: RestAccess,
  { location, catalogAccess: { s3 } }: ConnectFacts,
): { s3: S3Store; comment: string[] } {
  return delegation === 'none' ? { s3, comment: keysComment(location, s3) } : { s3: null, comment: [] }
}

export function pyicebergStoreProperties(store: S3Store): [string, string][] {
  if (store === null) return []
  const { endpoint, region, isPathStyle } = store
  return [
    ['s3.region', region],
    ...(endpoint === null ? [] : [['s3.endpoint', endpoint] as [string, string]]),
    // With its own endpoint, PyArrow puts the bucket into the path by default.
    ...(endpoint === null || isPathStyle ? [] : [['s3.force-virtual-addressing', 'true'] as [string, string]]),
  ]
}

export function javaStoreProperties(store: S3Store): [string, string][] {
  if (store === null) return []
  const { endpoint, region, isPathStyle } = store
  return [
    ['client.region', region],
    ...(endpoint === null ? [] : [['s3.endpoint', endpoint] as [string, string]]),
    ...(isPathStyle ? [['s3.path-style-access', 'true'] as [string, string]] : []),
  ]
}

/** A secret for DuckDB's SQL, which cannot read the environment: the names in `variables` stand for the values. */
export function duckdbStoreSecret(location: string, store: S3Store): { lines: string[]; variables: string[] } {
  if (!isInS3(location)) return { lines: [], variables: [] }
  const [keyId, secret] = KEY_VARIABLES
  const region = store?.region ?? REGION_VARIABLE
  const options = [
    'TYPE s3',
    `KEY_ID '${keyId}'`,
    `SECRET '${secret}'`,
    `REGION ${quoteString(region)}`,
    ...(store === null || store.endpoint === null ? [] : duckdbEndpoint(store.endpoint)),
    ...(store?.isPathStyle ? [`URL_STYLE 'path'`] : []),
  ]
  return {
    lines: [
      '-- DuckDB does not support remote signing:',
      '-- it needs keys of your own for the bucket.',
      ...(store === null ? ['-- A store other than AWS needs its endpoint:', '-- ENDPOINT and URL_STYLE.'] : []),
      'CREATE SECRET lake_store (',
      options.map((option) => `  ${option}`).join(',\n'),
      ');',
    ],
    variables: [...KEY_VARIABLES, ...(store === null ? [REGION_VARIABLE] : [])],
  }
}

function duckdbEndpoint(endpoint: string): string[] {
  const { protocol, host, pathname } = new URL(endpoint)
  const address = `ENDPOINT ${quoteString(host + pathname.replace(/\/+$/, ''))}`
  return protocol === 'http:' ? [address, 'USE_SSL false'] : [address]
}
