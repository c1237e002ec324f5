import 'server-only'
import { rootLength } from '@/server/locations/location-gate'
import type { S3Signer, StorageAccess } from '@/server/locations/storage-access'
import type { VendedAddress } from './vended-address'

/** The properties that a catalog vends with a table for access to its files. */

export type Properties = Readonly<Record<string, string>>

export type StorageCredential = { prefix: string; config: Properties }

export type VendedContext = {
  tableLocation: string
  /** The catalog's configuration, overridden by the table's own. */
  config: Properties
  credentials: readonly StorageCredential[]
  /** The connection's own access, which fills in what the catalog leaves out. */
  storage: readonly StorageAccess[]
  catalogUri: string
  /** Creates a signer from the properties that name its address; null: the catalog does not sign requests. */
  createSigner: ((properties: Properties) => S3Signer) | null
  resolve?: VendedAddress['resolve']
}

/** How vended config is read for one kind of store. */
export type VendedStoreKind = {
  /** The location as a root, without a slash at the end; null for other stores. */
  rootOf(location: string): string | null
  /** Matches prefixes that are only a scheme: their credentials apply to the whole table. */
  schemePattern: RegExp
  /**
   * Returns null when the vended config contains nothing usable.
   *
   * @throws {AppError} forbidden for an address that this server may not connect to
   */
  buildAccess(root: string, properties: Properties, context: VendedContext): Promise<StorageAccess | null>
}

/** The connection's own access to this kind of store that covers the root, otherwise the only one of this kind. */
export function findOwnAccess<Kind extends StorageAccess['kind']>(
  kind: Kind,
  root: string,
  storage: readonly StorageAccess[],
): Extract<StorageAccess, { kind: Kind }> | null {
  const all = storage.filter((access): access is Extract<StorageAccess, { kind: Kind }> => access.kind === kind)
  const covering = all.find(({ roots }) => rootLength(root, roots) !== null)
  return covering ?? (all.length === 1 ? (all[0] ?? null) : null)
}

/**
 * When vended credentials expire, in milliseconds since 1970. Null when the catalog sends no valid time; then the store
 * refuses them when they have expired.
 */
export function parseExpiry(expiryMs: string | null): { expiresAtMs: number } | null {
  return expiryMs !== null && /^\d{1,15}$/.test(expiryMs) ? { expiresAtMs: Number(expiryMs) } : null
}
