import 'server-only'
import { AppError } from '@/lib/errors'
import type { Headers } from '@/server/http-out/send-request'

/**
 * The header that sends a token. The token is checked here because an error from sending it would repeat it.
 *
 * @throws {AppError} forbidden
 */
export function bearerHeader(token: string): Headers {
  if (!/^[\x21-\x7E]+$/.test(token)) throw new AppError('forbidden', 'The token for this storage is not valid.')
  return { authorization: `Bearer ${token}` }
}
