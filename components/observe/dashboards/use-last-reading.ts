'use client'
import type { UseQueryResult } from '@tanstack/react-query'
import { useState } from 'react'
import type { TimeSpan } from '@/lib/client/dashboards'

/**
 * The response that a page of figures shows: that of the chosen span, or the last one while another is read or if
 * reading fails. `span` is the one that the figures cover.
 */
export function useLastReading<Data>({ data, isPlaceholderData, error }: UseQueryResult<Data>, span: TimeSpan) {
  const [last, setLast] = useState<{ data: Data; span: TimeSpan } | null>(null)
  const isNew = data !== undefined && !isPlaceholderData
  if (isNew && data !== last?.data) setLast({ data, span })
  return { data: last?.data ?? data, span: last?.span ?? span, isStale: last !== null && error !== null }
}
