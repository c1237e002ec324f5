import 'server-only'
import { AppError } from '@/lib/errors'

/**
 * Reads a request's body, up to a size; what the sender says of its length is not relied on.
 *
 * @throws {AppError} too-large
 */
export async function bodyText(request: Request, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of request.body ?? []) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > maxBytes) {
      throw new AppError('too-large', `The body is larger than ${maxBytes} bytes.`, { facts: { maxBytes } })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
