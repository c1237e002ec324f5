import 'server-only'
import { hasErrorCode } from '@/server/error-code'
import { realpath } from 'node:fs/promises'
import type { Config } from '@/server/config/config'
import { type LeftoverOptions, type RemovedLeftovers, removeLeftovers } from './local/leftovers'
import { type AbortedUploads, abortInterruptedUploads } from './s3/interrupted-uploads'
import { requireLocalPath } from '@/server/locations/location-gate'

export type { AbortedUploads } from './s3/interrupted-uploads'

/**
 * Aborts what killed writes have left in a warehouse of S3: parts of files. Other object stores remove them by
 * themselves, within a week.
 *
 * @returns null for a warehouse that is not in S3
 */
export async function abortWarehouseUploads(
  { storage, warehouse }: Pick<Config, 'storage' | 'warehouse'>,
  options: { nowMs: number; signal: AbortSignal },
): Promise<AbortedUploads | null> {
  return storage.kind === 's3' ? abortInterruptedUploads(storage, warehouse, options) : null
}

/** Whether killed writes can leave files in the warehouse. In an object store a file is either complete or not there. */
export function mightHaveLeftovers(config: Config): boolean {
  return config.storage.kind === 'local'
}

/** Removes leftovers of killed writes in the warehouse; does nothing if the warehouse does not exist yet. */
export async function removeWarehouseLeftovers(config: Config, options: LeftoverOptions): Promise<RemovedLeftovers> {
  const { warehouse } = config
  try {
    return await removeLeftovers(await realpath(requireLocalPath(warehouse, [warehouse])), options)
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error
    return { drafts: 0, folders: 0, entriesSeen: 0, isComplete: true }
  }
}
