import 'server-only'
import { errorCode } from '@/server/error-code'
import { AppError, type ErrorCode } from '@/lib/errors'

/** Maps the file system's errors to problems; any other error is a bug and is passed on. */
const MEANINGS: Readonly<Record<string, { code: ErrorCode; detail: string }>> = {
  ENOENT: { code: 'file-missing', detail: 'There is no file at this location.' },
  ENOTDIR: { code: 'file-missing', detail: 'There is no file at this location.' },
  EISDIR: { code: 'file-missing', detail: 'There is a folder at this location, not a file.' },
  ENXIO: { code: 'file-missing', detail: 'There is a socket or a device at this location, not a file.' },
  ENODEV: { code: 'file-missing', detail: 'There is a device at this location, not a file.' },
  ENAMETOOLONG: { code: 'invalid-request', detail: 'A name in this location is longer than the file system allows.' },
  EEXIST: { code: 'already-exists', detail: 'There is a file at this location already.' },
  ENOSPC: { code: 'storage-full', detail: 'The disk is full, so this file was not written.' },
  EDQUOT: { code: 'storage-full', detail: 'The disk quota is used up, so this file was not written.' },
  ELOOP: { code: 'location-refused', detail: 'This location is outside the allowed locations of its storage.' },
  EACCES: { code: 'file-damaged', detail: 'The operating system does not let Lakeshore open this file.' },
  EIO: { code: 'file-damaged', detail: 'The disk could not read or write this file.' },
}

/** Runs work on a file and translates the file system's errors. */
export async function withTranslatedErrors<Result>(location: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const meaning = MEANINGS[errorCode(error) ?? '']
    if (!meaning || error instanceof AppError) throw error
    throw new AppError(meaning.code, meaning.detail, { cause: error, facts: { location } })
  }
}
