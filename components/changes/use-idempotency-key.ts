'use client'
import { useState } from 'react'
import { AppError, ERROR_CODES } from '@/lib/errors'

/** A key of the commit of what is given, such as intents, and a function that takes another key. Anything else has another one. */
export function useIdempotencyKey(committed: readonly unknown[]): [string, () => void] {
  const text = JSON.stringify(committed)
  const [key, setKey] = useState({ text, value: randomKey() })
  if (key.text !== text) setKey({ text, value: randomKey() })
  return [key.value, () => setKey({ text, value: randomKey() })]
}

/** Whether a failed commit certainly did not happen, so that it may be sent again under another key. */
export function isOutcomeKnown(error: Error): boolean {
  return error instanceof AppError && ERROR_CODES[error.code].status < 500
}

function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
