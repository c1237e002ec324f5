import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'

/** How Lakeshore reports an error of a store, with the same text for every kind of store. */
export type StorageFailure = { code: ErrorCode; detail: string }

export const STORAGE_FAILURES = {
  credentials: { code: 'forbidden', detail: 'The storage does not accept the credentials.' },
  denied: { code: 'forbidden', detail: 'The storage does not let these credentials do this.' },
  missing: { code: 'file-missing', detail: 'There is no file at this location.' },
  taken: { code: 'already-exists', detail: 'There is a file at this location already.' },
  full: { code: 'storage-full', detail: 'The storage is full, so this file was not written.' },
  archived: { code: 'file-damaged', detail: 'The file is archived and must be restored first.' },
  truncated: { code: 'file-damaged', detail: 'The file ends before the requested bytes.' },
  tooLong: { code: 'invalid-request', detail: 'This location is longer than the storage allows.' },
  clockSkewed: {
    code: 'storage-unavailable',
    detail: 'The storage refuses requests because the clock of this machine is wrong.',
  },
  uploadAborted: { code: 'storage-unavailable', detail: 'The storage aborted the upload before it was complete.' },
} as const satisfies Readonly<Record<string, StorageFailure>>

export function toStorageError({ code, detail }: StorageFailure, location: string, cause: unknown): AppError {
  return new AppError(code, detail, { cause, facts: { location } })
}

export function tooManyFilesError(folder: string, limit: number): AppError {
  return new AppError('too-large', `This folder has more than ${limit} files.`, { facts: { location: folder, limit } })
}

export function truncatedError(location: string, expectedBytes: number, actualBytes: number): AppError {
  return new AppError('file-damaged', `The file ends at byte ${actualBytes}; ${expectedBytes} were expected.`, {
    facts: { location, expectedBytes, actualBytes },
  })
}

/**
 * Runs work on a file and translates the errors of its store.
 *
 * @param translate returns errors that do not come from the store unchanged
 */
export async function withTranslatedErrors<Result>(
  translate: (error: unknown) => unknown,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw translate(error)
  }
}
