import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { newLoadKey, type StartedLoad, useStartLoad } from '@/lib/client/jobs/loads'
import { uploadsQuery } from '@/lib/client/uploads/list-uploads'
import type { RequestedInput } from '@/lib/contract/shapes/load-options'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { toInputs } from '../locations/location-files'
import { openRunPage } from '../run/opened-run'
import { type RequestedLoad, toConfirmations, withVersion } from './requested-load'

/** Has the server know the uploads of the load, and returns them as inputs. */
export type OpenUploads = (signal: AbortSignal) => Promise<RequestedInput[]>

/** Starts the run, which waits for the files that are on their way, and leads to it. */
export function useLoad(
  table: TableIdentifier,
  requested: RequestedLoad,
  {
    previewedVersion,
    openUploads,
    onStarted,
    onMissing,
  }: {
    previewedVersion: string | undefined
    openUploads: OpenUploads
    onStarted: (started: StartedLoad) => void
    /** Called when the server no longer has something that the load needs, perhaps one of the files. */
    onMissing: () => Promise<void>
  },
) {
  const { located, draft, landing, correctsRun } = requested
  const { options, rejects } = draft
  const router = useRouter()
  const client = useQueryClient()
  const [opening, setOpening] = useState<AbortController | null>(null)
  const [isStopped, setStopped] = useState(false)
  const openInputs = async () => {
    const controller = new AbortController()
    setOpening(controller)
    setStopped(false)
    try {
      const uploaded = await openUploads(controller.signal)
      return [...uploaded, ...withVersion(toInputs({ files: [], located }), previewedVersion)]
    } finally {
      setOpening(null)
    }
  }
  const load = useStartLoad(table, { openInputs, onStarted })
  const [key, setKey] = useState(newLoadKey)
  const start = (confirmedName: string | null = null) =>
    load.mutate(
      {
        options,
        ...rejects,
        landing,
        ...toConfirmations(requested),
        ...(correctsRun !== null && { correctsRun }),
        ...(confirmedName !== null && { confirmedName }),
        idempotencyKey: key,
      },
      {
        onSuccess: ({ run }) => {
          openRunPage(run.id)
          router.push(paths.loadRun(run.id))
        },
        // A refused request may be sent again with other choices, under another key.
        onError: (error) => {
          setKey(newLoadKey())
          if (error instanceof AppError && error.code === 'not-found') return void onMissing()
          // Another load may have one of the uploads, as one that was started in another tab.
          void client.invalidateQueries({ queryKey: uploadsQuery(table).queryKey })
        },
      },
    )
  return {
    start,
    key,
    isPending: load.isPending,
    /** Null also after the user has stopped it. */
    error: isStopped ? null : load.error,
    /** Whether the server does not know all files yet. */
    isOpening: opening !== null,
    stop() {
      setStopped(true)
      opening?.abort()
    },
  }
}
