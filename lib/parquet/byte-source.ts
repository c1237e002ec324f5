/** The bytes of one file, handed in: from an HTTP range route, an object store, or memory. */
export type ByteSource = {
  /** Named in messages: the file's path. */
  name: string
  /** As a manifest says, who may be wrong, until `readEnd` has put it right. */
  byteLength: number
  /**
   * Bytes `[start, end)`, all of them.
   *
   * @throws {AppError} file-missing, file-damaged (shorter than it should be), token-expired, forbidden, cancelled
   */
  read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array>
  /**
   * The last `lengthBytes` of the file, all of it where it has no more, wherever its end really is; `byteLength` is
   * right from then on. Left out where it is right anyway. Throws as `read`.
   */
  readEnd?(lengthBytes: number, signal?: AbortSignal): Promise<Uint8Array>
}
