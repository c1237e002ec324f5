'use client'
import type { UseQueryResult } from '@tanstack/react-query'
import { useState } from 'react'

/**
 * The response that a page of figures shows: that of the chosen span, or the last one while another is read or if
 * reading fails. `span` is the one that the figures cover.
 */
export function useLastReading<Data, Span>({ data, isPlaceholderData, error }: UseQueryResult<Data>, span: Span) {
  const [last, setLast] = useState<{ data: Data; span: Span } | null>(null)
  const isNew = data !== undefined && !isPlaceholderData
  if (isNew && data !== last?.data) setLast({ data, span })
  return { data: last?.data ?? data, span: last?.span ?? span, isStale: last !== null && error !== null }
}
