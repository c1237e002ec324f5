import 'server-only'
import { errorCode } from '@/server/error-code'

/** A setting or a home that is not usable. The message names it and never contains the value of a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** The meaning of the operating system's error codes for a folder that a setting names. */
const REASON_BY_ERRNO: Readonly<Record<string, string>> = {
  EACCES: 'this user may not read and write there',
  EPERM: 'this user may not change it',
  EROFS: 'its file system is read-only',
  ENOTDIR: 'it is a file, or in one, where a folder is needed',
  EEXIST: 'it is a file where a folder is needed',
  EISDIR: 'it is a folder where a file is needed',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk could not read or write',
  ELOOP: 'its links form a loop',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'its parent folder does not exist',
}

/**
 * Runs work in a folder that a setting names, and explains the operating system's errors.
 *
 * @throws {ConfigError} naming the setting and the path
 */
export function explainFolderErrors<Result>(setting: string, folder: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    const code = errorCode(error) ?? ''
    const reason = Object.hasOwn(REASON_BY_ERRNO, code) ? REASON_BY_ERRNO[code] : undefined
    if (reason === undefined || error instanceof ConfigError) throw error
    const failedPath = error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : folder
    throw new ConfigError(
      `${setting}: ${failedPath} cannot be used: ${reason}. Nothing was started; ` +
        `make ${folder} a folder that this user may write to, or set ${setting} to another.`,
      { cause: error },
    )
  }
}
