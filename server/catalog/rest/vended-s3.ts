import 'server-only'
import { isIP } from 'node:net'
import { AppError } from '@/lib/errors'
import { propertyValue } from '@/lib/iceberg/property-value'
import type { S3Access, S3Credentials } from '@/server/storage/storage-access'
import { checkHandedOut } from './handed-out-address'
import { endOf, ownAccess, type Properties, type Vended, type VendedKind } from './vended'

const REGION = /^[a-z0-9-]{1,40}$/
const DEFAULT_REGION = 'us-east-1'

/** The names are of Iceberg's `S3FileIO`. */
export const VENDED_S3: VendedKind = { rootOf, whole: /^s3[an]?(?::\/*)?$/i, accessOf }

async function accessOf(
  root: string,
  properties: Properties,
  { storage, catalogUri, signerOf, resolve }: Vended,
): Promise<S3Access | null> {
  const credentials = credentialsOf(properties, signerOf)
  if (credentials === null) return null
  const own = ownAccess('s3', root, storage)
  const handedOut = propertyValue(properties, 's3.endpoint')
  const trusted = [catalogUri, ...storage.flatMap((access) => (access.kind === 's3' ? (access.endpoint ?? []) : []))]
  const pathStyle = propertyValue(properties, 's3.path-style-access')
  const asked = handedOut ?? own?.endpoint ?? null
  const isPathStyle = pathStyle === null ? (own?.isPathStyle ?? isNumbered(asked)) : pathStyle.toLowerCase() === 'true'
  const bucket = isPathStyle ? null : (root.split('/')[2] ?? null)
  const place =
    handedOut === null
      ? { endpoint: asked }
      : await checkHandedOut({ address: handedOut, trusted, bucket, ...(resolve && { resolve }) })
  return {
    kind: 's3',
    roots: [root],
    ...place,
    region: regionOf(properties) ?? own?.region ?? DEFAULT_REGION,
    isPathStyle,
    credentials,
  }
}

/** An address of numbers has no names below it that a bucket could be. */
function isNumbered(endpoint: string | null): boolean {
  const host = URL.parse(endpoint ?? '')?.hostname.replace(/^\[|\]$/g, '') ?? ''
  return isIP(host) !== 0
}

/** It becomes part of a host name. */
function regionOf(properties: Properties): string | null {
  const region = propertyValue(properties, 'client.region') ?? propertyValue(properties, 's3.region')
  if (region === null || REGION.test(region)) return region
  throw new AppError('forbidden', 'The catalog hands out a region for files that is not the name of one.')
}

function credentialsOf(properties: Properties, signerOf: Vended['signerOf']): S3Credentials | null {
  const accessKeyId = propertyValue(properties, 's3.access-key-id')
  const secretAccessKey = propertyValue(properties, 's3.secret-access-key')
  if (accessKeyId !== null && secretAccessKey !== null) {
    const sessionToken = propertyValue(properties, 's3.session-token')
    return {
      kind: 'keys',
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== null && { sessionToken }),
      ...endOf(propertyValue(properties, 's3.session-token-expires-at-ms')),
    }
  }
  const isSigned = propertyValue(properties, 's3.remote-signing-enabled')?.toLowerCase() === 'true'
  return isSigned && signerOf !== null ? { kind: 'remote-signing', sign: signerOf(properties) } : null
}

/** `s3://bucket/…` without a slash at the end, also of `s3a://` and `s3n://`; null for other stores. */
function rootOf(location: string): string | null {
  const found = /^s3[an]?:\/\/([^/?#\s]+)(\/[^\p{Cc}]*)?$/iu.exec(location)
  return found ? `s3://${found[1]}${(found[2] ?? '').replace(/\/+$/, '')}` : null
}
