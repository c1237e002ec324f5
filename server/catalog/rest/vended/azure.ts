import 'server-only'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { type AzureBlob, parseLocation } from '@/server/locations/location-gate'
import type { AzureAccess, AzureCredentials, StorageAccess } from '@/server/locations/storage-access'
import { parseExpiry, type Properties, type VendedContext, type VendedStoreKind } from './vended-context'

/**
 * Property names of Iceberg's `ADLSFileIO` and of PyIceberg. The credentials are sent only to the account of the
 * location, at Azure's own address or at the endpoint in the connection. `adls.connection-string` and other addresses
 * from the catalog are ignored.
 */
export const VENDED_AZURE: VendedStoreKind = {
  rootOf,
  schemePattern: /^(?:abfss?|wasbs?|adls|az)(?::\/*)?$/i,
  buildAccess,
}

async function buildAccess(
  root: string,
  properties: Properties,
  { storage }: VendedContext,
): Promise<AzureAccess | null> {
  const blob = parseBlob(root)
  const credentials = blob && readCredentials(properties, blob)
  if (blob === null || credentials === null) return null
  return { kind: 'azure', roots: [root], endpoint: findOwnEndpoint(blob, storage), credentials }
}

function readCredentials(properties: Properties, { account, cloud }: AzureBlob): AzureCredentials | null {
  // Java looks for the location's host, others for the account alone; PyIceberg's property has no suffix.
  for (const suffix of [`.${account}.dfs.${cloud}`, `.${account}.blob.${cloud}`, `.${account}`, '']) {
    const token = propertyValue(properties, `adls.sas-token${suffix}`)
    if (token === null) continue
    const expiry = parseExpiry(propertyValue(properties, `adls.sas-token-expires-at-ms${suffix}`))
    return { kind: 'sas', token, ...(expiry ?? parseSasExpiry(token)) }
  }
  const token = propertyValue(properties, 'adls.token')
  return token === null ? null : { kind: 'bearer', token }
}

/** Returns null when the token contains no expiry. */
function parseSasExpiry(token: string): { expiresAtMs: number } | null {
  const atMs = Date.parse(new URLSearchParams(token).get('se') ?? '')
  return Number.isSafeInteger(atMs) ? { expiresAtMs: atMs } : null
}

function findOwnEndpoint({ account, cloud }: AzureBlob, storage: readonly StorageAccess[]): string | null {
  const own = storage.find((access): access is AzureAccess => {
    const root = access.kind === 'azure' ? parseBlob(access.roots[0] ?? '') : null
    return root?.account === account && root.cloud === cloud
  })
  return own?.endpoint ?? null
}

function rootOf(location: string): string | null {
  const blob = parseBlob(location)
  if (blob === null) return null
  const { account, cloud, container, key } = blob
  return `abfss://${container}@${account}.dfs.${cloud}/${key}`.replace(/\/+$/, '')
}

function parseBlob(location: string): AzureBlob | null {
  const parsed = parseLocation(location)
  return parsed?.scheme === 'azure' ? parsed : null
}
