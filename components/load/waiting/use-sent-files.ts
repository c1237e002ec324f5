import { useEffect, useState } from 'react'
import type { PageUpload } from '@/lib/client/uploads/page-upload'

/** A file that this tab has sent for a load that waited for it. */
export type SentFile = Pick<PageUpload, 'id'> & { uploadId: string; fileName: string; runId: string }

const NONE: readonly SentFile[] = []

/**
 * The files that were on their way for loads since the form was opened, and are no longer: all their bytes are here.
 *
 * @param onSent called when there is another one
 */
export function useSentFiles(ofTable: readonly PageUpload[], onSent: () => unknown): readonly SentFile[] {
  const [known, setKnown] = useState(NONE)
  const inTab = new Map(ofTable.map((upload) => [upload.id, upload]))
  const sent = known.filter(({ id }) => !inTab.has(id))
  const awaited = ofTable.flatMap(({ id, uploadId, fileName, awaitedBy: runId }) =>
    uploadId === null || runId === null ? [] : [{ id, uploadId, fileName, runId }],
  )
  const next = [...sent, ...awaited]
  // While it is rendered: a file may leave the tab with the next change.
  if (next.length !== known.length || next.some(({ id }) => !known.some((file) => file.id === id))) setKnown(next)
  useEffect(() => {
    if (sent.length > 0) void onSent()
  }, [sent.length, onSent])
  return sent
}
