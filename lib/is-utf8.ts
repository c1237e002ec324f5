const DECODER = new TextDecoder('utf-8', { fatal: true })

/** Whether bytes are a text in UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  // Most texts are short and ASCII, which needs no decoder.
  if (bytes.every((byte) => byte < 0x80)) return true
  try {
    DECODER.decode(bytes)
    return true
  } catch {
    return false
  }
}
