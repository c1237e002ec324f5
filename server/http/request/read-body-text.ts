import 'server-only'
import { isUtf8 } from 'node:buffer'
import { AppError } from '@/lib/errors'

/** The part of a request that is needed to read its body. */
export type RequestBody = Pick<Request, 'headers'> & { body: ReadableStream<Uint8Array> | null }

/**
 * Reads a request's body, up to a size. A body that declares a larger size is refused before a byte is read, one that
 * declares none as soon as it exceeds the size. A body that is not UTF-8 is refused: replacing invalid bytes would
 * change the names that the client sent.
 *
 * @throws {AppError} too-large, invalid-request; cancelled when the connection ends first
 */
export async function readBodyText(request: RequestBody, maxBytes: number): Promise<string> {
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLargeError(maxBytes)
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  try {
    for await (const chunk of request.body ?? []) {
      sizeBytes += chunk.byteLength
      if (sizeBytes > maxBytes) throw tooLargeError(maxBytes)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    // Only the connection can fail here: the client left or was too slow.
    throw new AppError('cancelled', 'The connection ended before the body did.', { cause: error })
  }
  const body = Buffer.concat(chunks)
  if (!isUtf8(body)) throw new AppError('invalid-request', 'The body is not UTF-8.')
  return body.toString('utf8')
}

function tooLargeError(maxBytes: number): AppError {
  return new AppError('too-large', `The body is larger than ${maxBytes} bytes.`, { facts: { maxBytes } })
}
