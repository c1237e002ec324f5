import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { sessionQuery } from '@/lib/client/session/session'
import { CHUNK_BYTES, type PageUpload } from '@/lib/client/uploads/page-upload'
import type { StoredUpload } from '@/lib/client/uploads/list-uploads'
import { useUploads } from '@/lib/client/uploads/use-uploads'
import type { TableIdentifier } from '@/lib/names/identifiers'

export type LoadUploads = {
  files: readonly PageUpload[]
  /** The first file of which the server has enough for a preview; null without one. */
  previewedId: string | null
  /** Why files were not added, or not removed on the server. */
  problem: Error | null
  /** Returns their ids; none if they were not added. */
  add: (files: readonly File[]) => string[]
  /** Adds complete uploads of earlier visits. */
  addStored: (uploads: readonly StoredUpload[]) => void
  remove: (id: string) => void
  retry: (id: string) => void
  /** Takes complete files off the page once a proposal loads them. */
  handOver: () => void
}

/** The files that the page uploads for a table. */
export function useLoadUploads(table: TableIdentifier): LoadUploads {
  const { data: session } = useQuery(sessionQuery())
  const { store, uploads: files } = useUploads(session?.userId ?? '')
  const [problem, setProblem] = useState<Error | null>(null)
  const orShowProblem = <Result>(change: () => Result): Result | undefined => {
    setProblem(null)
    try {
      return change()
    } catch (error) {
      if (!(error instanceof Error)) throw error
      setProblem(error)
      return undefined
    }
  }
  return {
    files,
    previewedId: files.find(isPreviewable)?.uploadId ?? null,
    problem,
    add: (added) => orShowProblem(() => store.add(added, table)) ?? [],
    addStored: (uploads) => orShowProblem(() => store.addStored(uploads)),
    remove(id) {
      setProblem(null)
      store.remove(id).catch(setProblem)
    },
    retry: (id) => store.retry(id),
    handOver: () => store.handOver(),
  }
}

/** Whether the first part of the file is stored: it is once the second one is on its way. */
function isPreviewable({ state, sentBytes, uploadId }: PageUpload): boolean {
  return uploadId !== null && state !== 'failed' && (state === 'complete' || sentBytes > CHUNK_BYTES)
}
