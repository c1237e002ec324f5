import { AppError } from '@/lib/errors'

/** Like `fetch`, but throws an AppError when the server cannot be reached. */
export async function fetchOrThrow(url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (cause) {
    if (init.signal?.aborted) throw new AppError('cancelled', 'The request was cancelled.', { cause })
    throw new AppError('server-unreachable', 'The server did not respond.', { cause })
  }
}
