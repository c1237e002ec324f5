import { AppError, ERROR_CODES } from '@/lib/errors'

/** Whether a failed commit certainly did not happen, so that it may be sent again under another key. */
export function isOutcomeKnown(error: Error): boolean {
  return error instanceof AppError && ERROR_CODES[error.code].status < 500
}

export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
