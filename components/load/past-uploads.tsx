import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { type StoredUpload, uploadsQuery } from '@/lib/client/uploads/list-uploads'
import type { TableIdentifier } from '@/lib/names/identifiers'
import classes from './load.module.css'
import { listNames } from './load-state'
import { type Continued, isCorrection } from './past-choices'
import type { LoadUploads } from './use-load-uploads'

/**
 * Adds the uploads of a load that failed to the form that continues it, once, in their order, as far as the server still
 * has them.
 *
 * @returns the names of the files that the user has to choose again
 */
export function usePastUploads(
  table: TableIdentifier,
  continued: Continued | null,
  { files, addStored }: Pick<LoadUploads, 'files' | 'addStored'>,
): string[] {
  const isContinued = continued !== null && !isCorrection(continued)
  const { data, isFetchedAfterMount } = useQuery({
    ...uploadsQuery(table),
    // An earlier list may have uploads that were removed since.
    refetchOnMount: 'always',
    enabled: isContinued,
  })
  const listed = isContinued && isFetchedAfterMount ? data : undefined
  const hasAdded = useRef(false)
  useEffect(() => {
    if (listed === undefined || continued === null || hasAdded.current) return
    hasAdded.current = true
    // Those of an earlier visit of the form are still in it.
    if (files.length > 0) return
    const found = findUploads(continued, listed)
    const complete = found.flatMap(({ upload }) => (upload !== null && isComplete(upload) ? [upload] : []))
    if (complete.length > 0) addStored(complete)
  }, [listed, continued, files, addStored])
  if (listed === undefined || continued === null) return []
  const names = new Set(files.map(({ fileName }) => fileName))
  return findUploads(continued, listed).flatMap(({ name, upload }) =>
    (upload !== null && isComplete(upload)) || names.has(name) ? [] : [name],
  )
}

/** Says which files of the earlier load to choose again. */
export function MissingUploads({ names }: { names: readonly string[] }) {
  if (names.length === 0) return null
  const them = names.length === 1 ? 'it' : 'them'
  return (
    <p className={classes.note} role="status">
      The server does not have all bytes of {listNames(names)}: choose {them} again.
    </p>
  )
}

/** Each upload of the earlier load; null if it was removed, is another user's, or belongs to another run now. */
function findUploads(
  { past }: Continued,
  listed: readonly StoredUpload[],
): { name: string; upload: StoredUpload | null }[] {
  const free = new Map(listed.filter(({ runId }) => runId === null).map((upload) => [upload.uploadId, upload]))
  return past.files.flatMap(({ name, input }) =>
    input !== null && 'uploadId' in input ? [{ name, upload: free.get(input.uploadId) ?? null }] : [],
  )
}

function isComplete({ sizeBytes, receivedBytes }: StoredUpload): boolean {
  return receivedBytes === sizeBytes
}
