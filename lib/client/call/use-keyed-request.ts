'use client'
import { useRef } from 'react'
import { isOutcomeKnown } from '@/lib/errors'
import { randomKey } from './idempotency-key'

/**
 * Sends requests under keys. The same request, sent again while its outcome is unknown, has the same key, so that it is
 * carried out once and gets the first answer. After any other outcome, and for another request, there is a new key.
 */
export function useKeyedRequest() {
  const open = useRef<{ content: string; idempotencyKey: string } | null>(null)
  return async <Input extends object, Output>(
    input: Input,
    send: (keyed: Input & { idempotencyKey: string }) => Promise<Output>,
  ): Promise<Output> => {
    const content = JSON.stringify(input)
    if (open.current?.content !== content) open.current = { content, idempotencyKey: randomKey() }
    const { idempotencyKey } = open.current
    try {
      const output = await send({ ...input, idempotencyKey })
      open.current = null
      return output
    } catch (error) {
      if (isOutcomeKnown(error)) open.current = null
      throw error
    }
  }
}
