'use client'
import { useState } from 'react'
import { randomKey } from '@/lib/client/call/idempotency-key'

/** A key of the commit of what is given, such as intents, and a function that takes another key. Anything else has another one. */
export function useIdempotencyKey(committed: readonly unknown[]): [string, () => void] {
  const text = JSON.stringify(committed)
  const [key, setKey] = useState({ text, value: randomKey() })
  if (key.text !== text) setKey({ text, value: randomKey() })
  return [key.value, () => setKey({ text, value: randomKey() })]
}
