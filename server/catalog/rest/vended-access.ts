import 'server-only'
import { isIP } from 'node:net'
import { AppError } from '@/lib/errors'
import { propertyValue } from '@/lib/iceberg/property-value'
import type { S3Access, S3Credentials, S3Signer, StorageAccess } from '@/server/storage/storage-access'
import { checkHandedOut, type HandedOut } from './handed-out-address'

/**
 * How the files of one table are reached by what the catalog handed out with it.
 *
 * Spec: REST `open-api`, schemas `LoadTableResult` and `StorageCredential`; the names are of Iceberg's `S3FileIO`.
 */

type Properties = Readonly<Record<string, string>>

export type StorageCredential = { prefix: string; config: Properties }

export type Vended = {
  tableLocation: string
  /** The catalog's configuration under the table's own. */
  config: Properties
  credentials: readonly StorageCredential[]
  /** The connection's own access: what a catalog leaves unsaid is taken from it. */
  storage: readonly StorageAccess[]
  catalogUri: string
  /** Makes a signer of the address that the catalog names for it; null: requests are not to be signed by it. */
  signerOf: ((properties: Properties) => S3Signer) | null
  resolve?: HandedOut['resolve']
}

const REGION = /^[a-z0-9-]{1,40}$/
const DEFAULT_REGION = 'us-east-1'

/**
 * None where the catalog handed out nothing to use. The roots are the prefixes the credentials are for, else the
 * table's location.
 *
 * @throws {AppError} forbidden for an address this server may not be sent to
 */
export async function vendedAccess(vended: Vended): Promise<S3Access[]> {
  const byPrefix = vended.credentials.flatMap(({ prefix, config }) => {
    const root = s3Root(prefix)
    return root === null ? [] : [{ root, properties: { ...vended.config, ...config } }]
  })
  const tableRoot = s3Root(vended.tableLocation)
  if (byPrefix.length === 0 && tableRoot !== null) byPrefix.push({ root: tableRoot, properties: wholeOf(vended) })
  const accesses: S3Access[] = []
  for (const { root, properties } of byPrefix) {
    const credentials = credentialsOf(properties, vended.signerOf)
    if (credentials !== null) accesses.push(await accessOf(root, properties, credentials, vended))
  }
  // The longest prefix wins, whatever order the catalog named them in.
  return accesses.sort((a, b) => (b.roots[0]?.length ?? 0) - (a.roots[0]?.length ?? 0))
}

/** Credentials whose prefix is no location (`s3`) are for all of the table. */
function wholeOf({ config, credentials }: Vended): Properties {
  const first = credentials.find(({ prefix }) => /^s3[an]?(?::\/*)?$/i.test(prefix))
  return { ...config, ...first?.config }
}

/** When the first of the vended credentials ends; Infinity where none says so. */
export function expiresAtMs(accesses: readonly S3Access[]): number {
  const ends = accesses.map(({ credentials }) =>
    credentials.kind === 'keys' ? (credentials.expiresAtMs ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY,
  )
  return Math.min(Number.POSITIVE_INFINITY, ...ends)
}

async function accessOf(
  root: string,
  properties: Properties,
  credentials: S3Credentials,
  { storage, catalogUri, resolve }: Vended,
): Promise<S3Access> {
  const own = ownS3(root, storage)
  const handedOut = propertyValue(properties, 's3.endpoint')
  const trusted = [catalogUri, ...storage.flatMap((access) => (access.kind === 's3' ? (access.endpoint ?? []) : []))]
  const pathStyle = propertyValue(properties, 's3.path-style-access')
  const asked = handedOut ?? own?.endpoint ?? null
  const isPathStyle = pathStyle === null ? (own?.isPathStyle ?? isNumbered(asked)) : pathStyle.toLowerCase() === 'true'
  const bucket = isPathStyle ? null : (root.split('/')[2] ?? null)
  return {
    kind: 's3',
    roots: [root],
    endpoint:
      handedOut === null
        ? asked
        : await checkHandedOut({ address: handedOut, trusted, bucket, ...(resolve && { resolve }) }),
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
    const endsAtMs = Number(propertyValue(properties, 's3.session-token-expires-at-ms') ?? Number.NaN)
    return {
      kind: 'keys',
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== null && { sessionToken }),
      ...(Number.isSafeInteger(endsAtMs) && { expiresAtMs: endsAtMs }),
    }
  }
  const isSigned = propertyValue(properties, 's3.remote-signing-enabled')?.toLowerCase() === 'true'
  return isSigned && signerOf !== null ? { kind: 'remote-signing', sign: signerOf(properties) } : null
}

/** Of the connection's own access the one that covers the root, else the only one there is. */
function ownS3(root: string, storage: readonly StorageAccess[]): S3Access | null {
  const all = storage.filter((access) => access.kind === 's3')
  const covering = all.find(({ roots }) => roots.some((own) => root === own || root.startsWith(`${own}/`)))
  return covering ?? (all.length === 1 ? (all[0] ?? null) : null)
}

/** `s3://bucket/…` without a slash at the end, also of `s3a://` and `s3n://`; null for other stores. */
function s3Root(location: string): string | null {
  const found = /^s3[an]?:\/\/([^/?#\s]+)(\/[^\p{Cc}]*)?$/iu.exec(location)
  return found ? `s3://${found[1]}${(found[2] ?? '').replace(/\/+$/, '')}` : null
}
