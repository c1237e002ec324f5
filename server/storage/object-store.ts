import 'server-only'

/** What `read` takes into memory at most where the caller says nothing. */
export const MAX_READ_BYTES = 512 * 1024 * 1024

/** Half-open: `end` is exclusive. */
export type ByteRange = { start: number; end: number }

/**
 * Where a table's files are, spoken of by location (`file:///…`). The type alone: `open-store` chooses the adapter.
 * Every location has passed the location gate before it is touched; the adapter asks it, so no caller can forget. Where
 * the connection maps locations, the caller goes on speaking of those in the metadata.
 *
 * All throw {AppError} `location-refused` for a location outside the warehouse, `file-missing` when there is no such file.
 */
export type ObjectStore = {
  /** Judges a location without touching it, for those that are only written down (a table's, a property's). */
  checkLocation(location: string): void
  /** @throws {AppError} too-large when more than `maxBytes` (default 512 MiB) would be read into memory */
  read(location: string, options?: { range?: ByteRange; maxBytes?: number; signal?: AbortSignal }): Promise<Uint8Array>
  stream(location: string, options: { range: ByteRange; signal?: AbortSignal }): Promise<ReadableStream<Uint8Array>>
  sizeBytes(location: string, options?: { signal?: AbortSignal }): Promise<number>
  /**
   * Writes a whole new file, durable (file and folder fsynced) before it resolves.
   *
   * @throws {AppError} already-exists when the location is taken, storage-full
   */
  writeNew(location: string, bytes: Uint8Array): Promise<void>
  /** Moves a finished local file to a new location, durable before it resolves. Same errors as `writeNew`. */
  importFile(localPath: string, location: string): Promise<void>
  /**
   * Names of the files directly in a folder, in no order; none when there is no such folder.
   *
   * @throws {AppError} too-large beyond `limit` names
   */
  listNames(folder: string, options: { limit: number; signal?: AbortSignal }): Promise<string[]>
  /** Whether any file is under a location, taken as a folder. */
  hasFiles(location: string): Promise<boolean>
  /** Removes a file; nothing happens when it is not there. */
  remove(location: string): Promise<void>
  /**
   * Removes a folder in which there is nothing, no link to one, and no folder at the end of a link. What cannot be
   * removed stays: it harms nobody.
   *
   * @returns whether no such folder is there any more; never where the store has none
   */
  removeEmptyFolder(location: string): Promise<boolean>
}
