import 'server-only'
import { AppError } from '@/lib/errors'

/** The first bytes of an archive that has a file in it (PKWARE APPNOTE, section 4.3.7). */
const LOCAL_FILE_HEADER = [0x50, 0x4b, 0x03, 0x04]

/** @throws {AppError} invalid-request */
export function refuseZipName(fileName: string): void {
  if (fileName.toLowerCase().endsWith('.zip')) throw zipArchiveError()
}

/** @param bytes the first ones of a file */
export function isZipArchive(bytes: Uint8Array): boolean {
  return LOCAL_FILE_HEADER.every((byte, i) => bytes[i] === byte)
}

export function zipArchiveError(): AppError {
  return new AppError('invalid-request', 'A zip archive cannot be loaded: unpack it and drop its files.')
}
