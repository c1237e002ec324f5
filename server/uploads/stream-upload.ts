import 'server-only'
import { AppError } from '@/lib/errors'
import type { LakeServices } from '@/server/catalog/lake-services'
import { readParts, type Upload } from '@/server/db/uploads/uploads'
import { PART_BYTES, partLocation } from './upload-folder'

/**
 * The bytes of an upload, part by part, as they have arrived. Holds one part in memory.
 *
 * @throws {AppError} invalid-request when the upload is not complete; file-damaged when a part is missing or has another
 *   size
 */
export async function* streamUpload(
  services: UploadServices,
  upload: Upload,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const { fileName, sizeBytes, receivedBytes } = upload
  if (receivedBytes < sizeBytes) {
    throw new AppError('invalid-request', `The upload of ${fileName} is not complete. Nothing was read.`, {
      facts: { sizeBytes, receivedBytes },
    })
  }
  yield* streamReceived(services, upload, signal)
}

type UploadServices = Pick<LakeServices, 'config' | 'database' | 'stores'>

/**
 * The bytes that have arrived of an upload, which may not be complete.
 *
 * @throws {AppError} file-damaged when a part is missing or has another size
 */
export async function* streamReceived(
  { config, database, stores }: UploadServices,
  upload: Upload,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const { uploadId, receivedBytes } = upload
  const store = stores.warehouseStore()
  let nextByte = 0
  for await (const part of readParts(database, uploadId)) {
    if (part.startByte !== nextByte) throw damagedError(upload, nextByte)
    yield await readPart(part)
    nextByte += part.sizeBytes
  }
  // More may have arrived since.
  if (nextByte < receivedBytes) throw damagedError(upload, nextByte)

  async function readPart(part: { startByte: number; sizeBytes: number; name: string }): Promise<Uint8Array> {
    let bytes: Uint8Array
    try {
      bytes = await store.read(partLocation(config, upload, part), { maxBytes: PART_BYTES, signal })
    } catch (error) {
      const isDamaged = error instanceof AppError && DAMAGE_CODES.has(error.code)
      throw isDamaged ? damagedError(upload, part.startByte, error) : error
    }
    if (bytes.byteLength !== part.sizeBytes) throw damagedError(upload, part.startByte)
    return bytes
  }
}

const DAMAGE_CODES: ReadonlySet<AppError['code']> = new Set(['file-missing', 'file-damaged', 'too-large'])

function damagedError({ fileName }: Upload, atByte: number, cause?: unknown): AppError {
  return new AppError(
    'file-damaged',
    `The upload of ${fileName} is damaged: its bytes from ${atByte} on are missing or changed in the warehouse. Upload the file again.`,
    { facts: { atByte }, cause },
  )
}
