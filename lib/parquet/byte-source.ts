/** The bytes of one file, handed in: from an HTTP range route, an object store, or memory. */
export type ByteSource = {
  /** Named in messages: the file's path. */
  name: string
  byteLength: number
  /**
   * Bytes `[start, end)`, all of them.
   *
   * @throws {AppError} file-missing, file-damaged (shorter than it should be), token-expired, forbidden, cancelled
   */
  read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array>
}
