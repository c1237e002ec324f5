import 'server-only'
import { errorCode } from '@/server/error-code'
import { AppError } from '@/lib/errors'
import { OUTSIDE_LOCATION } from '@/server/locations/outside-location'
import { type StorageFailure, STORAGE_FAILURES, toStorageError } from '../storage-errors'

/** Maps the file system's errors to problems. */
const FAILURES_BY_CODE: Readonly<Record<string, StorageFailure>> = {
  ENOENT: STORAGE_FAILURES.missing,
  ENOTDIR: STORAGE_FAILURES.missing,
  EISDIR: { code: 'file-missing', detail: 'There is a folder at this location, not a file.' },
  ENXIO: { code: 'file-missing', detail: 'There is a socket or a device at this location, not a file.' },
  ENODEV: { code: 'file-missing', detail: 'There is a device at this location, not a file.' },
  ENAMETOOLONG: { code: 'invalid-request', detail: 'A name in this location is longer than the file system allows.' },
  EEXIST: STORAGE_FAILURES.taken,
  ENOSPC: { code: 'storage-full', detail: 'The disk is full, so this file was not written.' },
  EDQUOT: { code: 'storage-full', detail: 'The disk quota is used up, so this file was not written.' },
  ELOOP: OUTSIDE_LOCATION,
  EACCES: { code: 'file-damaged', detail: 'The operating system does not let Lakeshore open this file.' },
  EIO: { code: 'file-damaged', detail: 'The disk could not read or write this file.' },
}

/** Returns errors that do not come from the file system unchanged: they are bugs, or problems already. */
export function translateFileError(error: unknown, location: string): unknown {
  const failure = FAILURES_BY_CODE[errorCode(error) ?? '']
  return !failure || error instanceof AppError ? error : toStorageError(failure, location, error)
}
