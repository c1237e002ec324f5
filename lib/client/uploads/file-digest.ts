import { AppError } from '@/lib/errors'

/** @throws {AppError} file-damaged */
export async function readFileBytes(file: Blob, start: number, end: number): Promise<ArrayBuffer> {
  try {
    return await file.slice(start, end).arrayBuffer()
  } catch (cause) {
    throw new AppError(
      'file-damaged',
      'The browser can no longer read the file: it was changed, moved or removed since you dropped it. Drop it again.',
      { cause },
    )
  }
}

/** SHA-256 in base64; null where the browser computes none: over plain http, except on this machine. */
export async function digestBytes(bytes: ArrayBuffer): Promise<string | null> {
  const { subtle } = crypto as Partial<Crypto>
  if (subtle === undefined) return null
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes))
  return btoa(String.fromCharCode(...digest))
}
