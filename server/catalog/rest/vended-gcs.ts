import 'server-only'
import { propertyValue } from '@/lib/iceberg/property-value'
import { parsedLocation } from '@/server/storage/location-gate'
import type { GcsAccess, GcsCredentials } from '@/server/storage/storage-access'
import { checkHandedOut } from './handed-out-address'
import { endOf, ownAccess, type Properties, type Vended, type VendedKind } from './vended'

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
  if (handedOut === null) {
    return { kind: 'gcs', roots: [root], endpoint: ownAccess('gcs', root, storage)?.endpoint ?? null, credentials }
  }
  const own = storage.flatMap((access) => (access.kind === 'gcs' ? (access.endpoint ?? []) : []))
  const trusted = [catalogUri, ...own]
  const place = await checkHandedOut({ address: handedOut, trusted, ...(resolve && { resolve }) })
  return { kind: 'gcs', roots: [root], ...place, credentials }
}

function credentialsOf(properties: Properties): GcsCredentials | null {
  const token = propertyValue(properties, 'gcs.oauth2.token')
  if (token !== null) {
    return { kind: 'bearer', token, ...endOf(propertyValue(properties, 'gcs.oauth2.token-expires-at')) }
  }
  return propertyValue(properties, 'gcs.no-auth')?.toLowerCase() === 'true' ? { kind: 'anonymous' } : null
}

function rootOf(location: string): string | null {
  const parsed = parsedLocation(location)
  return parsed?.scheme === 'gs' ? `gs://${parsed.bucket}/${parsed.key}`.replace(/\/+$/, '') : null
}
