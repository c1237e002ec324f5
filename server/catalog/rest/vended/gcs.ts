import 'server-only'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { parseLocation } from '@/server/locations/location-gate'
import type { GcsAccess, GcsCredentials } from '@/server/locations/storage-access'
import { checkVendedAddress } from './vended-address'
import { parseExpiry, findOwnAccess, type Properties, type VendedContext, type VendedStoreKind } from './vended-context'

/** Property names of Iceberg's `GCSFileIO`. */
export const VENDED_GCS: VendedStoreKind = { rootOf, schemePattern: /^(?:gs|gcs)(?::\/*)?$/i, buildAccess }

async function buildAccess(
  root: string,
  properties: Properties,
  { storage, catalogUri, resolve }: VendedContext,
): Promise<GcsAccess | null> {
  const credentials = readCredentials(properties)
  if (credentials === null) return null
  const vendedHost = propertyValue(properties, 'gcs.service.host')
  if (vendedHost === null) {
    return { kind: 'gcs', roots: [root], endpoint: findOwnAccess('gcs', root, storage)?.endpoint ?? null, credentials }
  }
  const own = storage.flatMap((access) => (access.kind === 'gcs' ? (access.endpoint ?? []) : []))
  const trusted = [catalogUri, ...own]
  const target = await checkVendedAddress({ address: vendedHost, trusted, ...(resolve && { resolve }) })
  return { kind: 'gcs', roots: [root], ...target, credentials }
}

function readCredentials(properties: Properties): GcsCredentials | null {
  const token = propertyValue(properties, 'gcs.oauth2.token')
  if (token !== null) {
    return { kind: 'bearer', token, ...parseExpiry(propertyValue(properties, 'gcs.oauth2.token-expires-at')) }
  }
  return propertyValue(properties, 'gcs.no-auth')?.toLowerCase() === 'true' ? { kind: 'anonymous' } : null
}

function rootOf(location: string): string | null {
  const parsed = parseLocation(location)
  return parsed?.scheme === 'gs' ? `gs://${parsed.bucket}/${parsed.key}`.replace(/\/+$/, '') : null
}
