import 'server-only'
import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { ulid } from 'ulid'
import { MAX_FILE_NAME_CHARS } from '@/lib/contract/shapes/load-options'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, requirePermission } from '@/server/auth/actor'
import type { LakeServices } from '@/server/catalog/lake-services'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { addUpload, countMissingBytes, type Upload } from '@/server/db/uploads/uploads'
import { hasErrorCode } from '@/server/error-code'
import { requireLocalPath } from '@/server/locations/location-gate'
import { findUpload } from './find-upload'
import { refuseZipName } from './zip-archive'

/** The size is null for bytes whose number is known at their end. */
type NewUpload = Pick<Upload, 'target' | 'fileName'> & { sizeBytes: number | null }

/**
 * Begins an upload, to which nothing has been sent yet.
 *
 * @throws {AppError} forbidden; not-found for an unknown catalog; invalid-request for a name that is not the name of a
 *   file; too-large; too-many-requests, also for too many bytes of a user; storage-full when the file cannot fit into a
 *   warehouse of folders, next to the uploads that are on their way
 */
export async function createUpload(
  services: Pick<LakeServices, 'config' | 'database' | 'catalogs'>,
  actor: Actor,
  { target, fileName, sizeBytes }: NewUpload,
): Promise<Upload> {
  const { config, database } = services
  requireUploadPermission(actor, target)
  await services.catalogs.open(target.catalog, actor)
  requireFileName(fileName)
  refuseZipName(fileName)
  const { maxBytes, maxUserBytes, lifeMs } = config.uploads
  if (sizeBytes !== null && sizeBytes > maxBytes) {
    throw new AppError(
      'too-large',
      `The file has ${formatBytes(sizeBytes)}; an upload has at most ${formatBytes(maxBytes)}.`,
      { facts: { sizeBytes, maxBytes } },
    )
  }
  if (sizeBytes !== null) await requireDiskSpace(services, sizeBytes)
  const uploadId = ulid(database.nowMs())
  await addUpload(
    database,
    { uploadId, userId: actor.userId, target, fileName, sizeBytes: sizeBytes ?? maxBytes },
    // A pipe has no size until its end, and its user works on the server, whose disk they can fill in any case.
    { lifeMs, maxUserBytes: actor.userId === COMMAND_LINE.userId ? null : maxUserBytes },
  )
  return findUpload(database, uploadId, actor)
}

/**
 * Whether the table exists is not looked up: a user who may write any table of this name may upload for it, and a
 * refusal is the same for a table that exists and one that does not.
 *
 * @throws {AppError} forbidden
 */
export function requireUploadPermission(actor: Actor, target: TableIdentifier): void {
  requirePermission(actor, 'table:write', target, { isNew: true })
}

/** @throws {AppError} invalid-request */
function requireFileName(fileName: string): void {
  const isName =
    fileName !== '' &&
    fileName.length <= MAX_FILE_NAME_CHARS &&
    !/[/\\\p{Cc}]/u.test(fileName) &&
    !/^\.+$/.test(fileName)
  if (isName) return
  throw new AppError(
    'invalid-request',
    `The name of an uploaded file has 1 to ${MAX_FILE_NAME_CHARS} characters, without slashes and control characters.`,
  )
}

/** @throws {AppError} storage-full */
async function requireDiskSpace(
  { config: { storage }, database }: Pick<LakeServices, 'config' | 'database'>,
  sizeBytes: number,
): Promise<void> {
  const [root] = storage.roots
  if (storage.kind !== 'local' || root === undefined) return
  const missingBytes = await countMissingBytes(database, COMMAND_LINE.userId)
  const freeBytes = Math.max(0, (await readFreeBytes(requireLocalPath(root, [root]))) - missingBytes)
  if (sizeBytes <= freeBytes) return
  throw new AppError(
    'storage-full',
    `The file has ${formatBytes(sizeBytes)}, and the warehouse has room for ${formatBytes(freeBytes)}. Nothing was uploaded. An operator can free some space.`,
    { facts: { sizeBytes, freeBytes } },
  )
}

/** The folder of a new warehouse is created with its first file. */
async function readFreeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch (error) {
    const parent = path.dirname(folder)
    if (!hasErrorCode(error, 'ENOENT') || parent === folder) throw error
    return readFreeBytes(parent)
  }
}
