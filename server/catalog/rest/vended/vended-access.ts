import 'server-only'
import type { StorageAccess } from '@/server/locations/storage-access'
import type { Properties, VendedContext, VendedStoreKind } from './vended-context'
import { VENDED_AZURE } from './azure'
import { VENDED_GCS } from './gcs'
import { VENDED_S3 } from './s3'

/**
 * Turns the vended config of one table into access to its files.
 *
 * Spec: REST `open-api`, schemas `LoadTableResult` and `StorageCredential`.
 */

const STORE_KINDS: readonly VendedStoreKind[] = [VENDED_S3, VENDED_AZURE, VENDED_GCS]

/**
 * Returns an empty list when the vended config contains nothing usable. The roots are the prefixes of the credentials,
 * otherwise the table's location.
 *
 * @throws {AppError} forbidden for an address that this server may not connect to
 */
export async function vendedAccess(context: VendedContext): Promise<StorageAccess[]> {
  const byPrefix = context.credentials.flatMap(({ prefix, config }) =>
    findRoots(prefix).map((matched) => ({ ...matched, properties: { ...context.config, ...config } })),
  )
  if (byPrefix.length === 0) {
    byPrefix.push(
      ...findRoots(context.tableLocation).map((matched) => ({
        ...matched,
        properties: tableWideProperties(context, matched.kind),
      })),
    )
  }
  const accesses: StorageAccess[] = []
  for (const { kind, root, properties } of byPrefix) {
    const access = await kind.buildAccess(root, properties, context)
    if (access !== null) accesses.push(access)
  }
  // The longest prefix wins, whatever order the catalog sent them in.
  return accesses.sort((a, b) => (b.roots[0]?.length ?? 0) - (a.roots[0]?.length ?? 0))
}

/** One root, or none for a location whose store supports no vended credentials. */
function findRoots(location: string): { kind: VendedStoreKind; root: string }[] {
  return STORE_KINDS.flatMap((kind) => {
    const root = kind.rootOf(location)
    return root === null ? [] : [{ kind, root }]
  })
}

/** Credentials whose prefix is only a scheme (`s3`) apply to the whole table. */
function tableWideProperties({ config, credentials }: VendedContext, { schemePattern }: VendedStoreKind): Properties {
  const first = credentials.find(({ prefix }) => schemePattern.test(prefix))
  return { ...config, ...first?.config }
}

/** When the first of the vended credentials expires, or Infinity. */
export function earliestExpiryMs(accesses: readonly StorageAccess[]): number {
  return Math.min(Number.POSITIVE_INFINITY, ...accesses.map(accessExpiryMs))
}

function accessExpiryMs(access: StorageAccess): number {
  if (access.kind === 'local') return Number.POSITIVE_INFINITY
  const { credentials } = access
  const credentialsExpireAtMs = 'expiresAtMs' in credentials ? credentials.expiresAtMs : undefined
  return credentialsExpireAtMs ?? Number.POSITIVE_INFINITY
}
