import 'server-only'
import { propertyValue } from '@/lib/iceberg/property-value'
import { parsedLocation, rootLength } from '@/server/storage/location-gate'
import type { GcsAccess, GcsCredentials, StorageAccess } from '@/server/storage/storage-access'
import { checkHandedOut } from './handed-out-address'
import type { Properties, Vended, VendedKind } from './vended'

/** The names are of Iceberg's `GCSFileIO`. */
export const VENDED_GCS: VendedKind = { rootOf, whole: /^(?:gs|gcs)(?::\/*)?$/i, accessOf }

async function accessOf(
  root: string,
  properties: Properties,
  { storage, catalogUri, resolve }: Vended,
): Promise<GcsAccess | null> {
  const credentials = credentialsOf(properties)
  if (credentials === null) return null
  const handedOut = propertyValue(properties, 'gcs.service.host')
  if (handedOut === null) return { kind: 'gcs', roots: [root], endpoint: ownEndpoint(root, storage), credentials }
  const own = storage.flatMap((access) => (access.kind === 'gcs' ? (access.endpoint ?? []) : []))
  const trusted = [catalogUri, ...own]
  const place = await checkHandedOut({ address: handedOut, trusted, ...(resolve && { resolve }) })
  return { kind: 'gcs', roots: [root], ...place, credentials }
}

function credentialsOf(properties: Properties): GcsCredentials | null {
  const token = propertyValue(properties, 'gcs.oauth2.token')
  if (token !== null) {
    const endsAtMs = Number(propertyValue(properties, 'gcs.oauth2.token-expires-at') ?? Number.NaN)
    return { kind: 'bearer', token, ...(Number.isSafeInteger(endsAtMs) && { expiresAtMs: endsAtMs }) }
  }
  return propertyValue(properties, 'gcs.no-auth')?.toLowerCase() === 'true' ? { kind: 'anonymous' } : null
}

/** Of the connection's own access the one that covers the root, else the only one there is. */
function ownEndpoint(root: string, storage: readonly StorageAccess[]): string | null {
  const all = storage.filter((access) => access.kind === 'gcs')
  const covering = all.find(({ roots }) => rootLength(root, roots) !== null)
  return (covering ?? (all.length === 1 ? all[0] : undefined))?.endpoint ?? null
}

function rootOf(location: string): string | null {
  const parsed = parsedLocation(location)
  return parsed?.scheme === 'gs' ? `gs://${parsed.bucket}/${parsed.key}`.replace(/\/+$/, '') : null
}
