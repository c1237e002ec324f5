import 'server-only'
import { addAbortSignal, type Readable } from 'node:stream'
import { AppError } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import type { LakeServices } from '@/server/catalog/lake-services'
import { completeUpload, type Upload } from '@/server/db/uploads/uploads'
import { appendBytes } from './append-bytes'
import { createUpload } from './create-upload'
import { findUpload } from './find-upload'
import { PartMemory } from './part-memory'
import { removeUpload } from './remove-upload'

/**
 * Stores what comes through a pipe as an upload, whose size is known at the end. Holds one part in memory.
 *
 * @throws {AppError} cancelled, with nothing stored; what creating an upload and appending to one throws
 */
export async function uploadPipe(
  services: Pick<LakeServices, 'catalogs' | 'config' | 'database' | 'stores'>,
  actor: Actor,
  { target, fileName }: Pick<Upload, 'target' | 'fileName'>,
  { pipe, signal }: { pipe: Readable; signal: AbortSignal },
): Promise<Upload> {
  const upload = await createUpload(services, actor, { target, fileName, sizeBytes: null })
  try {
    const bytes = addAbortSignal(signal, pipe)
    const { receivedBytes } = await appendBytes(services, upload, bytes, {
      checksum: null,
      memory: new PartMemory(),
      requireWriter: async () => {},
    })
    await completeUpload(services.database, upload.uploadId, receivedBytes)
    return await findUpload(services.database, upload.uploadId, actor)
  } catch (error) {
    await removeUpload(services, upload)
    if (signal.aborted) throw new AppError('cancelled', 'Cancelled while the input was read. Nothing was loaded.')
    throw error
  }
}
