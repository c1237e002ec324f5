import { readBack } from '../metadata/readable-metadata'
import type { ViewMetadata } from './view-metadata'
import { readViewMetadata, writeViewMetadata } from './view-metadata-json'

/**
 * Writes a view as its metadata file would contain it, and reads it back. A view has few versions, so all of it is
 * read.
 *
 * @throws {AppError} invalid-request
 */
export function requireReadableView(after: ViewMetadata): void {
  readBack('view', () => readViewMetadata(writeViewMetadata(after)))
}
