import { useEffect, useState } from 'react'
import { AppError } from '@/lib/errors'
import type { QueryPreview, QueryRequest } from '@/lib/query/engine'
import { toFailure } from '../failure'
import { loadQuerySession } from './query-run'

/** A preview that takes longer is given up: it is to be small. The engine has started before. */
const MAX_PREVIEW_MS = 10_000

export type PreviewState = {
  /** The last preview; null before the first. */
  shown: QueryPreview | null
  /** Whether the rows belong to an earlier text. */
  isOutdated: boolean
  /** Why there is no preview of the text; null if there is one, or while it is computed. */
  problem: AppError | null
}

/**
 * The preview of a query, a moment after its last change.
 *
 * @param request null without a statement to preview
 * @param isPaused a query runs, which has the engine to itself; a preview that is being computed is cancelled
 * @param pauseMs after the last keystroke
 */
export function useQueryPreview(request: QueryRequest | null, isPaused: boolean, pauseMs: number): PreviewState {
  const [last, setLast] = useState<{ key: string; preview: QueryPreview } | null>(null)
  const [failure, setFailure] = useState<{ key: string; error: AppError } | null>(null)
  const key = request === null ? null : JSON.stringify(request)
  const isKnown = last?.key === key
  useEffect(() => {
    if (key === null || isPaused || isKnown) return
    const controller = new AbortController()
    const timer = setTimeout(() => {
      computePreview(JSON.parse(key) as QueryRequest, controller.signal).then(
        (preview) => {
          if (controller.signal.aborted) return
          setLast({ key, preview })
          setFailure(null)
        },
        (error: unknown) => controller.signal.aborted || setFailure({ key, error: toFailure(error) }),
      )
    }, pauseMs)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [key, isPaused, isKnown, pauseMs])
  return {
    shown: last?.preview ?? null,
    isOutdated: last !== null && !isKnown,
    problem: failure?.key === key ? failure.error : null,
  }
}

async function computePreview(request: QueryRequest, signal: AbortSignal): Promise<QueryPreview> {
  const session = await loadQuerySession()
  if (session.preview === undefined) throw new AppError('not-supported', 'This engine has no previews.')
  await session.start()
  signal.throwIfAborted()
  const timeout = AbortSignal.timeout(MAX_PREVIEW_MS)
  try {
    return await session.preview(request, AbortSignal.any([signal, timeout]))
  } catch (error) {
    if (!timeout.aborted || signal.aborted) throw error
    throw new AppError('too-large', 'The preview takes too long. Run the query instead.', { cause: error })
  }
}
