import 'server-only'
import { propertyValue } from '@/lib/iceberg/property-value'
import { type AzureBlob, parsedLocation } from '@/server/storage/location-gate'
import type { AzureAccess, AzureCredentials, StorageAccess } from '@/server/storage/storage-access'
import { endOf, type Properties, type Vended, type VendedKind } from './vended'

/**
 * The names are of Iceberg's `ADLSFileIO` and of PyIceberg. What is handed out goes to the account of the location,
 * which is at an address of Azure's, or at the one the connection itself names for it: `adls.connection-string` and
 * other addresses of the catalog's are not believed.
 */
export const VENDED_AZURE: VendedKind = { rootOf, whole: /^(?:abfss?|wasbs?|adls|az)(?::\/*)?$/i, accessOf }

async function accessOf(root: string, properties: Properties, { storage }: Vended): Promise<AzureAccess | null> {
  const blob = blobOf(root)
  const credentials = blob && credentialsOf(properties, blob)
  if (blob === null || credentials === null) return null
  return { kind: 'azure', roots: [root], endpoint: ownEndpoint(blob, storage), credentials }
}

function credentialsOf(properties: Properties, { account, cloud }: AzureBlob): AzureCredentials | null {
  // Java looks for the host of the location, others for the account alone; PyIceberg's has no name to it.
  for (const named of [`.${account}.dfs.${cloud}`, `.${account}.blob.${cloud}`, `.${account}`, '']) {
    const token = propertyValue(properties, `adls.sas-token${named}`)
    if (token === null) continue
    const said = endOf(propertyValue(properties, `adls.sas-token-expires-at-ms${named}`))
    return { kind: 'sas', token, ...(said ?? endOfSignature(token)) }
  }
  const token = propertyValue(properties, 'adls.token')
  return token === null ? null : { kind: 'bearer', token }
}

/** Null where it says nothing of it. */
function endOfSignature(token: string): { expiresAtMs: number } | null {
  const atMs = Date.parse(new URLSearchParams(token).get('se') ?? '')
  return Number.isSafeInteger(atMs) ? { expiresAtMs: atMs } : null
}

function ownEndpoint({ account, cloud }: AzureBlob, storage: readonly StorageAccess[]): string | null {
  const own = storage.find((access): access is AzureAccess => {
    const root = access.kind === 'azure' ? blobOf(access.roots[0] ?? '') : null
    return root?.account === account && root.cloud === cloud
  })
  return own?.endpoint ?? null
}

function rootOf(location: string): string | null {
  const blob = blobOf(location)
  if (blob === null) return null
  const { account, cloud, container, key } = blob
  return `abfss://${container}@${account}.dfs.${cloud}/${key}`.replace(/\/+$/, '')
}

function blobOf(location: string): AzureBlob | null {
  const parsed = parsedLocation(location)
  return parsed?.scheme === 'azure' ? parsed : null
}
