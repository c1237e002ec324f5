/** Bytes that are here already, for readers of chunks. */
// oxlint-disable-next-line require-await
export async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes
}
