import 'server-only'
import { randomUUID } from 'node:crypto'
import type { Config } from '@/server/config/config'
import type { Upload, UploadPart } from '@/server/db/uploads/uploads'
import { internalFolder } from '@/server/storage/internal-files'

/**
 * The folders of uploads in the warehouse. Each has the parts of one upload as files, which the database lists; a file
 * that it does not list is the part of a request that ended too early or lost to another one, and no reader uses it.
 */

type WarehouseConfig = Pick<Config, 'warehouse'>

/** The largest part, and about how much of an upload a request holds in memory. */
export const PART_BYTES = 8 * 1024 * 1024

export function uploadsFolder(config: WarehouseConfig): string {
  return `${internalFolder(config)}/uploads`
}

export function uploadFolder(config: WarehouseConfig, { uploadId }: Pick<Upload, 'uploadId'>): string {
  return `${uploadsFolder(config)}/${uploadId}`
}

export function partLocation(
  config: WarehouseConfig,
  upload: Pick<Upload, 'uploadId'>,
  { name }: Pick<UploadPart, 'name'>,
): string {
  return `${uploadFolder(config, upload)}/${name}`
}

/**
 * A name that no other request chooses: two requests may write a part for the same byte, and the database decides whose
 * part counts.
 */
export function newPartName(startByte: number): string {
  return `${startByte}-${randomUUID()}`
}
