/** The bytes of one file, from an HTTP range route, an object store, or memory. */
export type ByteSource = {
  /** Used in error messages: the file's path. */
  name: string
  /** From a manifest, which may be wrong, until `readEnd` has corrected it. */
  byteLength: number
  /**
   * Bytes `[start, end)`, all of them.
   *
   * @throws {AppError} file-missing, file-damaged (shorter than expected), token-expired, forbidden, cancelled
   */
  read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array>
  /**
   * The last `lengthBytes` of the file, or all of it if it is shorter, wherever its end really is. Afterwards
   * `byteLength` is correct. Left out if `byteLength` is always correct. Throws as `read`.
   */
  readEnd?(lengthBytes: number, signal?: AbortSignal): Promise<Uint8Array>
}
