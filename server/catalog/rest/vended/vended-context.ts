import 'server-only'
import { rootLength } from '@/server/storage/location-gate'
import type { S3Signer, StorageAccess } from '@/server/storage/storage-access'
import type { VendedAddress } from './vended-address'

/** What a catalog hands out with a table to reach its files. */

export type Properties = Readonly<Record<string, string>>

export type StorageCredential = { prefix: string; config: Properties }

export type VendedContext = {
  tableLocation: string
  /** The catalog's configuration under the table's own. */
  config: Properties
  credentials: readonly StorageCredential[]
  /** The connection's own access: what a catalog leaves unsaid is taken from it. */
  storage: readonly StorageAccess[]
  catalogUri: string
  /** Makes a signer of the address that the catalog names for it; null: requests are not to be signed by it. */
  createSigner: ((properties: Properties) => S3Signer) | null
  resolve?: VendedAddress['resolve']
}

/** How what is handed out for one kind of store is read. */
export type VendedStoreKind = {
  /** The location as a root, without a slash at the end; null for other stores. */
  rootOf(location: string): string | null
  /** Prefixes that are no location but a scheme: what they have is for all of the table. */
  schemePattern: RegExp
  /**
   * Null where nothing was handed out to use.
   *
   * @throws {AppError} forbidden for an address this server may not be sent to
   */
  buildAccess(root: string, properties: Properties, context: VendedContext): Promise<StorageAccess | null>
}

/** Of the connection's own access to one kind of store the one that covers the root, else the only one there is. */
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
 * When what was handed out ends, in milliseconds since 1970. Null where the catalog says nothing of it, or nothing that
 * is a time: who asks the store with it finds out then.
 */
export function parseExpiry(expiryMs: string | null): { expiresAtMs: number } | null {
  return expiryMs !== null && /^\d{1,15}$/.test(expiryMs) ? { expiresAtMs: Number(expiryMs) } : null
}
