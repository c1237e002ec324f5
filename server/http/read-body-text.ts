import 'server-only'
import { isUtf8 } from 'node:buffer'
import { AppError } from '@/lib/errors'

/** What is read of a request for its body. */
export type RequestBody = Pick<Request, 'headers'> & { body: ReadableStream<Uint8Array> | null }

/**
 * Reads a request's body, up to a size: one that says it is larger is refused before a byte is read, and one that says
 * nothing once it is. What is not UTF-8 is refused: reading over it would make other names of those that were sent.
 *
 * @throws {AppError} too-large, invalid-request; cancelled where the connection ends first
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
    // Nothing but the connection can fail here: the client left, or was too slow.
    throw new AppError('cancelled', 'The connection ended before the body did.', { cause: error })
  }
  const body = Buffer.concat(chunks)
  if (!isUtf8(body)) throw new AppError('invalid-request', 'The body is not UTF-8.')
  return body.toString('utf8')
}

function tooLargeError(maxBytes: number): AppError {
  return new AppError('too-large', `The body is larger than ${maxBytes} bytes.`, { facts: { maxBytes } })
}
