import 'server-only'
import { AppError } from '@/lib/errors'
import type { LakeServices } from '@/server/catalog/lake-services'
import { readParts, type Upload, type UploadPart } from '@/server/db/uploads/uploads'
import type { ByteRange } from '@/server/storage/object-store'
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
  const read = partReader({ config, stores }, upload, signal)
  let nextByte = 0
  for await (const part of readParts(database, uploadId)) {
    if (part.startByte !== nextByte) throw damagedError(upload, nextByte)
    yield await read(part, { start: 0, end: part.sizeBytes })
    nextByte += part.sizeBytes
  }
  // More may have arrived since.
  if (nextByte < receivedBytes) throw damagedError(upload, nextByte)
}

/**
 * Reads ranges of the bytes that have arrived of an upload. Its parts are listed once.
 *
 * @throws {AppError} file-damaged when a part is missing or has another size
 */
export function readReceivedRanges(
  { config, database, stores }: UploadServices,
  upload: Upload,
): (range: ByteRange, signal: AbortSignal) => Promise<Uint8Array> {
  let listed: Promise<UploadPart[]> | null = null
  return async ({ start, end }, signal) => {
    const parts = await (listed ??= listParts(database, upload))
    const read = partReader({ config, stores }, upload, signal)
    const bytes = new Uint8Array(end - start)
    let filledBytes = 0
    for (const part of parts) {
      const from = Math.max(start, part.startByte)
      const to = Math.min(end, part.startByte + part.sizeBytes)
      if (from >= to) continue
      bytes.set(await read(part, { start: from - part.startByte, end: to - part.startByte }), from - start)
      filledBytes += to - from
    }
    if (filledBytes < bytes.length) throw damagedError(upload, start)
    return bytes
  }
}

async function listParts(database: UploadServices['database'], { uploadId }: Upload): Promise<UploadPart[]> {
  const parts: UploadPart[] = []
  for await (const part of readParts(database, uploadId)) parts.push(part)
  return parts
}

/** Reads a range of a part. */
function partReader(
  { config, stores }: Pick<UploadServices, 'config' | 'stores'>,
  upload: Upload,
  signal: AbortSignal,
) {
  const store = stores.warehouseStore()
  return async (part: UploadPart, range: ByteRange): Promise<Uint8Array> => {
    let bytes: Uint8Array
    const isWhole = range.start === 0 && range.end === part.sizeBytes
    try {
      bytes = await store.read(partLocation(config, upload, part), {
        maxBytes: PART_BYTES,
        signal,
        // A part that is longer than it should be shows only when it is read whole.
        ...(!isWhole && { range }),
      })
    } catch (error) {
      const isDamaged = error instanceof AppError && DAMAGE_CODES.has(error.code)
      throw isDamaged ? damagedError(upload, part.startByte, error) : error
    }
    if (bytes.byteLength !== range.end - range.start) throw damagedError(upload, part.startByte)
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
