import { useEffect, useRef, useState } from 'react'
import type { ExportProgress } from '@/lib/client/rows/export/export-rows'

/** The progress of an export, or how the last one ended. `label` is its format's. */
export type ExportState =
  | { kind: 'idle' }
  | { kind: 'running'; label: string; progress: ExportProgress }
  | { kind: 'done'; fileName: string; progress: ExportProgress }
  | { kind: 'failed'; label: string; error: unknown }

export type RowsExport = {
  state: ExportState
  /** Starts an export; only one runs at a time. `run` returns null when the user cancelled it. */
  start: (label: string, run: RunExport) => void
  cancel: () => void
}

export type RunExport = (options: {
  signal: AbortSignal
  onProgress: (progress: ExportProgress) => void
}) => Promise<{ fileName: string; progress: ExportProgress } | null>

const NOTHING: ExportProgress = { rowCount: 0, sizeBytes: 0 }

/** Leaving the page cancels the export. */
export function useRowsExport(): RowsExport {
  const [state, setState] = useState<ExportState>({ kind: 'idle' })
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])

  const start = (label: string, run: RunExport) => {
    if (running.current !== null) return
    const controller = new AbortController()
    running.current = controller
    const { signal } = controller
    const onProgress = (progress: ExportProgress) => setState({ kind: 'running', label, progress })
    onProgress(NOTHING)
    void run({ signal, onProgress })
      .then(
        (result): ExportState => (result === null ? { kind: 'idle' } : { kind: 'done', ...result }),
        (error: unknown): ExportState => (signal.aborted ? { kind: 'idle' } : { kind: 'failed', label, error }),
      )
      .then((ended) => {
        running.current = null
        setState(ended)
      })
  }
  return { state, start, cancel: () => running.current?.abort() }
}
