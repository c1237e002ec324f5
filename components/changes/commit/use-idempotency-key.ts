'use client'
import { useState } from 'react'
import { randomKey } from '@/lib/client/call/idempotency-key'

/**
 * The key of a commit of the given content, such as intents, and a function that renews the key. Other content has
 * another key.
 */
export function useIdempotencyKey(committed: readonly unknown[]): [string, () => void] {
  const text = JSON.stringify(committed)
  const [key, setKey] = useState({ text, value: randomKey() })
  if (key.text !== text) setKey({ text, value: randomKey() })
  return [key.value, () => setKey({ text, value: randomKey() })]
}
