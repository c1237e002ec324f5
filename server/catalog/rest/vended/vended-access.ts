import 'server-only'
import type { StorageAccess } from '@/server/storage/storage-access'
import type { Properties, VendedContext, VendedStoreKind } from './vended-context'
import { VENDED_AZURE } from './azure'
import { VENDED_GCS } from './gcs'
import { VENDED_S3 } from './s3'

/**
 * How the files of one table are reached by what the catalog handed out with it.
 *
 * Spec: REST `open-api`, schemas `LoadTableResult` and `StorageCredential`.
 */

const STORE_KINDS: readonly VendedStoreKind[] = [VENDED_S3, VENDED_AZURE, VENDED_GCS]

/**
 * None where the catalog handed out nothing to use. The roots are the prefixes the credentials are for, else the
 * table's location.
 *
 * @throws {AppError} forbidden for an address this server may not be sent to
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
  // The longest prefix wins, whatever order the catalog named them in.
  return accesses.sort((a, b) => (b.roots[0]?.length ?? 0) - (a.roots[0]?.length ?? 0))
}

/** One, or none for a location of a store that nothing is handed out for. */
function findRoots(location: string): { kind: VendedStoreKind; root: string }[] {
  return STORE_KINDS.flatMap((kind) => {
    const root = kind.rootOf(location)
    return root === null ? [] : [{ kind, root }]
  })
}

/** Credentials whose prefix is no location (`s3`) are for all of the table. */
function tableWideProperties({ config, credentials }: VendedContext, { schemePattern }: VendedStoreKind): Properties {
  const first = credentials.find(({ prefix }) => schemePattern.test(prefix))
  return { ...config, ...first?.config }
}

/** When the first of the vended credentials ends; Infinity where none says so. */
export function earliestExpiryMs(accesses: readonly StorageAccess[]): number {
  return Math.min(Number.POSITIVE_INFINITY, ...accesses.map(accessExpiryMs))
}

function accessExpiryMs(access: StorageAccess): number {
  if (access.kind === 'local') return Number.POSITIVE_INFINITY
  const { credentials } = access
  const credentialsExpireAtMs = 'expiresAtMs' in credentials ? credentials.expiresAtMs : undefined
  return credentialsExpireAtMs ?? Number.POSITIVE_INFINITY
}
