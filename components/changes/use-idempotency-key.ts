'use client'
import { useState } from 'react'
import { AppError, ERROR_CODES } from '@/lib/errors'
import type { Intent } from '@/lib/iceberg/intents/intent'

/** A key of the commit of these intents, and a function that takes another one. Other intents have another key. */
export function useIdempotencyKey(intents: readonly Intent[]): [string, () => void] {
  const text = JSON.stringify(intents)
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
