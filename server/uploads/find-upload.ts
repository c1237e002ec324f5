import 'server-only'
import { AppError } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import type { Database } from '@/server/db/database'
import { readUpload, type Upload } from '@/server/db/uploads/uploads'

/**
 * The upload of this user; that of another user does not exist for them.
 *
 * @throws {AppError} not-found also after it has expired
 */
export async function findUpload(
  database: Database,
  uploadId: string,
  { userId }: Pick<Actor, 'userId'>,
): Promise<Upload> {
  const upload = await readUpload(database, { uploadId, userId })
  if (upload === null) throw uploadMissingError()
  return upload
}

export function uploadMissingError(): AppError {
  return new AppError(
    'not-found',
    'There is no such upload of yours: it has expired, was loaded or was removed. Drop the file again.',
    { facts: { hint: 'If another tab has loaded it, the history of the table names the load.' } },
  )
}
