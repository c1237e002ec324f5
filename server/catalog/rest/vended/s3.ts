import 'server-only'
import { isIP } from 'node:net'
import { AppError } from '@/lib/errors'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { S3Access, S3Credentials } from '@/server/locations/storage-access'
import { checkVendedAddress } from './vended-address'
import { parseExpiry, findOwnAccess, type Properties, type VendedContext, type VendedStoreKind } from './vended-context'

const REGION = /^[a-z0-9-]{1,40}$/
const DEFAULT_REGION = 'us-east-1'

/** Property names of Iceberg's `S3FileIO`. */
export const VENDED_S3: VendedStoreKind = { rootOf, schemePattern: /^s3[an]?(?::\/*)?$/i, buildAccess }

async function buildAccess(
  root: string,
  properties: Properties,
  { storage, catalogUri, createSigner, resolve }: VendedContext,
): Promise<S3Access | null> {
  const credentials = readCredentials(properties, createSigner)
  if (credentials === null) return null
  const own = findOwnAccess('s3', root, storage)
  const vendedEndpoint = propertyValue(properties, 's3.endpoint')
  const trusted = [catalogUri, ...storage.flatMap((access) => (access.kind === 's3' ? (access.endpoint ?? []) : []))]
  const pathStyle = propertyValue(properties, 's3.path-style-access')
  const endpoint = vendedEndpoint ?? own?.endpoint ?? null
  const isPathStyle =
    pathStyle === null ? (own?.isPathStyle ?? isIpAddress(endpoint)) : pathStyle.toLowerCase() === 'true'
  const bucket = isPathStyle ? null : (root.split('/')[2] ?? null)
  const target =
    vendedEndpoint === null
      ? { endpoint: endpoint }
      : await checkVendedAddress({ address: vendedEndpoint, trusted, bucket, ...(resolve && { resolve }) })
  return {
    kind: 's3',
    roots: [root],
    ...target,
    region: readRegion(properties) ?? own?.region ?? DEFAULT_REGION,
    isPathStyle,
    credentials,
  }
}

/** An IP address has no subdomains, so a bucket cannot be one. */
function isIpAddress(endpoint: string | null): boolean {
  const host = URL.parse(endpoint ?? '')?.hostname.replace(/^\[|\]$/g, '') ?? ''
  return isIP(host) !== 0
}

/** The region is checked because it becomes part of a host name. */
function readRegion(properties: Properties): string | null {
  const region = propertyValue(properties, 'client.region') ?? propertyValue(properties, 's3.region')
  if (region === null || REGION.test(region)) return region
  throw new AppError('forbidden', 'The catalog sent an invalid region for the table’s files.')
}

function readCredentials(properties: Properties, createSigner: VendedContext['createSigner']): S3Credentials | null {
  const accessKeyId = propertyValue(properties, 's3.access-key-id')
  const secretAccessKey = propertyValue(properties, 's3.secret-access-key')
  if (accessKeyId !== null && secretAccessKey !== null) {
    const sessionToken = propertyValue(properties, 's3.session-token')
    return {
      kind: 'keys',
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== null && { sessionToken }),
      ...parseExpiry(propertyValue(properties, 's3.session-token-expires-at-ms')),
    }
  }
  const isRemoteSigned = propertyValue(properties, 's3.remote-signing-enabled')?.toLowerCase() === 'true'
  return isRemoteSigned && createSigner !== null ? { kind: 'remote-signing', sign: createSigner(properties) } : null
}

/** `s3://bucket/…` without a slash at the end, also for `s3a://` and `s3n://`; null for other stores. */
function rootOf(location: string): string | null {
  const match = /^s3[an]?:\/\/([^/?#\s]+)(\/[^\p{Cc}]*)?$/iu.exec(location)
  return match ? `s3://${match[1]}${(match[2] ?? '').replace(/\/+$/, '')}` : null
}
