import 'server-only'

/** The default limit for how much `read` loads into memory. */
export const MAX_READ_BYTES = 512 * 1024 * 1024

/** Half-open: `end` is exclusive. */
export type ByteRange = { start: number; end: number }

export type FolderPage = {
  /** Names of the folders, without a slash. */
  folders: readonly string[]
  files: readonly { name: string; sizeBytes: number; modifiedAtMs: number | null }[]
  nextPageToken: string | null
  /** Whether the folder does not exist; in a store without folders, whether no object's name begins with it. */
  isMissing: boolean
}

/** Which content a file had at a time: one of the two differs once it was written again. */
export type FileVersion = {
  sizeBytes: number
  /** Null in a store that reports none. */
  version: string | null
}

/**
 * Where a table's files are. Callers use locations (`file:///…`), and `Stores` chooses the adapter. Every location
 * passes the location gate before it is touched; the adapter calls the gate, so callers cannot forget it. If the
 * connection maps locations, callers still use those in the metadata.
 *
 * All methods throw {AppError} `location-refused` for a location outside the warehouse, and `file-missing` when the
 * file does not exist.
 */
export type ObjectStore = {
  /** Checks a location without touching it, for locations that are only recorded (a table's, a property's). */
  checkLocation(location: string): void
  /** @throws {AppError} too-large when more than `maxBytes` (default 512 MiB) would be read into memory */
  read(location: string, options?: { range?: ByteRange; maxBytes?: number; signal?: AbortSignal }): Promise<Uint8Array>
  stream(location: string, options: { range: ByteRange; signal?: AbortSignal }): Promise<ReadableStream<Uint8Array>>
  sizeBytes(location: string, options?: { signal?: AbortSignal }): Promise<number>
  /** For files that other programs write: those of a table never change. */
  readVersion(location: string, options?: { signal?: AbortSignal }): Promise<FileVersion>
  /**
   * Writes a complete new file. When it resolves, the file is durable (file and folder are fsynced).
   *
   * @throws {AppError} already-exists when the location is taken, storage-full
   */
  writeNew(location: string, bytes: Uint8Array): Promise<void>
  /**
   * Moves a finished local file to a new location. When it resolves, the file is durable. Same errors as `writeNew`.
   */
  importFile(localPath: string, location: string): Promise<void>
  /**
   * Copies a file to a new location inside the store, without its bytes passing through here.
   *
   * @returns `proved` if the store reports the same checksum for both, `copied` if it reports none, and `not-supported`
   * if the file was not copied, because this store or a file of this size cannot be copied that way
   */
  copyNew(from: string, to: string, options?: { signal?: AbortSignal }): Promise<'proved' | 'copied' | 'not-supported'>
  /**
   * Names of the files directly in a folder, in no particular order; empty and `isMissing` when the folder does not exist.
   *
   * @throws {AppError} too-large beyond `limit` names
   */
  listNames(folder: string, options: { limit: number; signal?: AbortSignal }): Promise<string[]>
  /**
   * One page of the direct contents of a folder, in a stable order; empty if the folder does not exist. Links are left
   * out.
   *
   * @param options.pageToken from the page before; null for the first page
   */
  listFolder(
    folder: string,
    options: { limit: number; pageToken: string | null; signal?: AbortSignal },
  ): Promise<FolderPage>
  /** Whether any file is below a location, taken as a folder. */
  hasFiles(location: string): Promise<boolean>
  /** Removes a file; does nothing when the file does not exist. */
  remove(location: string): Promise<void>
  /**
   * Removes an empty folder; does not remove links, or folders behind a link. A folder that cannot be removed stays,
   * which is harmless.
   *
   * @returns whether the folder no longer exists; always false in stores without folders
   */
  removeEmptyFolder(location: string): Promise<boolean>
}
