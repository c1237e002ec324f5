import 'server-only'
import { createHash } from 'node:crypto'
import { AppError, isOutcomeKnown } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import type { LakeServices } from '@/server/catalog/lake-services'
import { tryAddPart, type Upload } from '@/server/db/uploads/uploads'
import { findUpload } from './find-upload'
import { PartBuffer } from './part-buffer'
import type { PartMemory } from './part-memory'
import { ReceivedBody } from './received-body'
import { removeUpload } from './remove-upload'
import { TusRefusal } from './tus-refusal'
import { newPartName, PART_BYTES, partLocation } from './upload-folder'
import { isZipArchive, zipArchiveError } from './zip-archive'

export const CHECKSUM_ALGORITHMS = ['sha256', 'sha1'] as const
export type Checksum = { algorithm: (typeof CHECKSUM_ALGORITHMS)[number]; digest: Buffer }

/** A connection that ends often makes small parts. */
const MAX_EXTRA_PARTS = 10_000

type UploadServices = Pick<LakeServices, 'config' | 'database' | 'stores'>

type AppendOptions = {
  /** The checksum of all the bytes, which are then stored completely or not at all; null: the client sent none. */
  checksum: Checksum | null
  memory: PartMemory
  /** Called before each part after the first: a body can take hours. */
  requireWriter: () => Promise<void>
}

/**
 * Appends bytes to an upload as they arrive, cut into parts. Each part is durable before the database counts it, and the
 * database counts it only if the upload is still at its first byte, so that any process can continue an upload and two
 * requests never mix. While a part is written no bytes are read, so a request holds about one part in memory.
 *
 * When the connection ends early, the bytes before that are stored, unless a checksum was announced for all of them.
 *
 * @param upload as it was read for this request: the bytes begin at its `receivedBytes`
 * @throws {AppError} version-conflict when another request has appended bytes; not-found when the upload was removed;
 *   too-large beyond its size; invalid-request for a zip archive, with which the upload is removed; cancelled when the
 *   connection ended early; {TusRefusal} when the bytes do not have the checksum
 */
export async function appendBytes(
  services: UploadServices,
  upload: Upload,
  body: AsyncIterable<Uint8Array>,
  { checksum, memory, requireWriter }: AppendOptions,
): Promise<Upload> {
  const received = new ReceivedBody(body)
  const partMemory = memory.take(Math.min(PART_BYTES, upload.sizeBytes - upload.receivedBytes))
  const buffer = new PartBuffer(partMemory)
  let current = upload
  const isWhole = () => current.receivedBytes + buffer.byteLength === current.sizeBytes
  const storePart = async () => {
    if (current !== upload) await requireWriter()
    current = await addPart(services, current, buffer.take())
  }
  for await (const chunk of received.read()) {
    let rest = chunk
    while (rest.byteLength > 0) {
      if (isWhole()) throw beyondSizeError(upload)
      if (buffer.isFull) throw checksumTooLargeError()
      rest = buffer.fill(rest)
      // The last part waits for the end of the body, which may be too long.
      if (buffer.isFull && checksum === null && !isWhole()) await storePart()
    }
  }
  if (checksum !== null) {
    if (received.failure !== null) throw disconnectedError(received.failure)
    requireChecksum(buffer.bytes, checksum)
  }
  if (buffer.byteLength > 0) await storePart()
  // After a failure a request to a store may still be sending it.
  memory.giveBack(partMemory)
  if (received.failure !== null) throw disconnectedError(received.failure)
  return current
}

/** @throws {AppError} as {@link appendBytes} */
async function addPart(services: UploadServices, upload: Upload, bytes: Uint8Array): Promise<Upload> {
  const { config, database, stores } = services
  const { receivedBytes: startByte } = upload
  if (startByte === 0 && isZipArchive(bytes)) {
    await removeUpload(services, upload)
    throw zipArchiveError()
  }
  requireFewParts(upload)
  const store = stores.warehouseStore()
  const part = { startByte, sizeBytes: bytes.byteLength, name: newPartName(startByte) }
  const location = partLocation(config, upload, part)
  await store.writeNew(location, bytes)
  let isAdded: boolean
  try {
    isAdded = await tryAddPart(database, upload.uploadId, part, config.uploads.lifeMs)
  } catch (error) {
    // If the database may have counted the part, its file has to stay. It is removed with the upload.
    if (isOutcomeKnown(error)) await store.remove(location)
    throw error
  }
  if (!isAdded) await store.remove(location)
  const current = await findUpload(database, upload.uploadId, upload)
  if (!isAdded) throw otherByteError(current, startByte)
  return current
}

/** The bytes of a request do not begin where the upload ends. */
export function otherByteError({ receivedBytes }: Upload, startByte: number): AppError {
  return new AppError(
    'version-conflict',
    `The upload has ${receivedBytes} bytes, so bytes from ${startByte} on cannot be appended. Nothing was changed. Continue at byte ${receivedBytes}.`,
    { facts: { receivedBytes, startByte } },
  )
}

export function beyondSizeError({ sizeBytes }: Upload): AppError {
  return new AppError('too-large', `The body goes beyond the announced ${sizeBytes} bytes of the file.`, {
    facts: { sizeBytes },
  })
}

export function checksumTooLargeError(): AppError {
  return new AppError(
    'too-large',
    `A request with a checksum has at most ${formatBytes(PART_BYTES)}. Nothing of it was stored.`,
    { facts: { maxBytes: PART_BYTES } },
  )
}

function requireFewParts({ sizeBytes, partCount }: Upload): void {
  if (partCount < 2 * Math.ceil(sizeBytes / PART_BYTES) + MAX_EXTRA_PARTS) return
  throw new AppError(
    'invalid-request',
    `The upload arrived in too many small pieces (${partCount}). Remove it and upload the file again over a better connection.`,
    { facts: { partCount } },
  )
}

function requireChecksum(bytes: Uint8Array, { algorithm, digest }: Checksum): void {
  if (createHash(algorithm).update(bytes).digest().equals(digest)) return
  throw new TusRefusal(
    460,
    'unprocessable-request',
    'The bytes arrived changed: they do not have the checksum that was sent with them. They were discarded; send them again.',
  )
}

function disconnectedError(cause: unknown): AppError {
  return new AppError('cancelled', 'The connection ended before the body did.', { cause })
}
