import 'server-only'
import { AppError } from '@/lib/errors'
import type { Headers } from '@/server/http-out/send-request'

/**
 * How a token is sent. It is judged here, since a failure to send it would repeat it.
 *
 * @throws {AppError} forbidden
 */
export function bearerHeader(token: string): Headers {
  if (!/^[\x21-\x7E]+$/.test(token)) throw new AppError('forbidden', 'The token for this storage is not one.')
  return { authorization: `Bearer ${token}` }
}
