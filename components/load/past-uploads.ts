import { useEffect, useRef } from 'react'
import type { StoredUpload } from '@/lib/client/uploads/list-uploads'
import { isComplete } from '@/lib/client/uploads/use-listed-uploads'
import { type Continued, isCorrection } from './past-choices'
import type { LoadUploads } from './use-load-uploads'

/** An upload of an earlier load; null if it was removed, is another user's, or is one of another load now. */
type PastUpload = { name: string; upload: StoredUpload | null }

/** Adds the uploads of a load that failed to the form that continues it, once, as far as the server still has them. */
export function usePastUploads(
  continued: Continued | null,
  { files, listed, addStored }: Pick<LoadUploads, 'files' | 'listed' | 'addStored'>,
): void {
  const hasAdded = useRef(false)
  useEffect(() => {
    if (listed === undefined || continued === null || isCorrection(continued) || hasAdded.current) return
    hasAdded.current = true
    // Those of an earlier visit of the form are still in it.
    if (files.length > 0) return
    const complete = findPastUploads(continued, listed).flatMap(({ upload }) =>
      upload !== null && isComplete(upload) ? [upload] : [],
    )
    if (complete.length > 0) addStored(complete)
  }, [listed, continued, files, addStored])
}

/** The uploads of the earlier load in the order of its files. */
export function findPastUploads({ past }: Continued, listed: readonly StoredUpload[]): PastUpload[] {
  const free = new Map(listed.filter(({ runId }) => runId === null).map((upload) => [upload.uploadId, upload]))
  return past.files.flatMap(({ name, input }) =>
    input !== null && 'uploadId' in input ? [{ name, upload: free.get(input.uploadId) ?? null }] : [],
  )
}
