import type { CatalogAccess, RestAccess } from '@/lib/contract/tables'
import { quoteString } from '@/lib/query/quote-identifier'
import type { ConnectFacts } from './snippet'

/** How engines reach files in an S3 store where the catalog neither signs their requests nor hands out keys. */

/** Null: nobody but the person knows where it is. */
type S3Store = CatalogAccess['s3']

const KEY_VARIABLES = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const
const REGION_VARIABLE = 'AWS_REGION'

export function isInS3(location: string): boolean {
  return /^s3[an]?:/.test(location)
}

/**
 * Lines of a comment, none of them longer than a narrow page shows, for engines that look for keys where AWS's own
 * tools do. None where the files are not in S3.
 */
export function keysComment(location: string, store: S3Store): string[] {
  if (!isInS3(location)) return []
  return [
    'Needs keys of your own for the bucket:',
    KEY_VARIABLES.join(' and '),
    'in the environment.',
    ...(store === null ? ['A store other than AWS needs its address:', 's3.endpoint and client.region.'] : []),
  ]
}

/** Of engines that come over REST. Where the catalog helps with the files, nothing has to be said of them. */
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
    // With an endpoint of its own, PyArrow puts the bucket into the path unless told.
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

/** A secret for DuckDB's SQL, which reads no environment: the names of `variables` stand in it where values go. */
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
      '-- DuckDB has nothing signed by catalogs:',
      '-- it needs keys of your own for the bucket.',
      ...(store === null ? ['-- A store other than AWS needs its address:', '-- ENDPOINT and URL_STYLE.'] : []),
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
