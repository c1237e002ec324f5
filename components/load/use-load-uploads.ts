import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { StartedLoad } from '@/lib/client/jobs/loads'
import { sessionQuery } from '@/lib/client/session/session'
import { aimHeldFiles, dropHeldFiles, heldFilesFor, holdFiles } from '@/lib/client/uploads/held-files'
import type { PageUpload } from '@/lib/client/uploads/page-upload'
import type { StoredUpload } from '@/lib/client/uploads/list-uploads'
import type { UploadStore } from '@/lib/client/uploads/upload-store'
import { isComplete, useListedUploads } from '@/lib/client/uploads/use-listed-uploads'
import { useUploads } from '@/lib/client/uploads/use-uploads'
import type { RequestedInput } from '@/lib/contract/shapes/load-options'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import { listNames } from './load-state'
import { refuseFile } from './target/refuse-file'
import { type SentFile, useSentFiles } from './waiting/use-sent-files'

export type LoadUploads = {
  files: readonly PageUpload[]
  /** The uploads that the server has for the table, also of other tabs and earlier visits; undefined before it is known. */
  listed: readonly StoredUpload[] | undefined
  readListed: () => Promise<unknown>
  /** The files that this tab has sent for loads that wait, while the form was open. */
  sent: readonly SentFile[]
  /** Why files were not added, or not removed on the server. */
  problem: { title: string; error: Error } | null
  /** Without those that cannot be loaded. Returns their ids; none if they were not added. */
  add: (files: readonly File[]) => string[]
  /** Adds complete uploads of earlier visits. */
  addStored: (uploads: readonly StoredUpload[]) => void
  remove: (id: string) => void
  retry: (id: string) => void
  /** After a refusal: looks for files that the server has no longer, and says so where they are shown. */
  lookForLost: () => Promise<void>
  /** Takes new files of the user's disk along to the form of another table, which uploads them for that one. */
  carryTo: (other: TableIdentifier) => void
  /**
   * Has the server know all uploads, so that a load can be started before they are complete.
   *
   * @returns the inputs of the load, in the order of the files
   * @throws {AppError} when an upload fails; cancelled by the signal
   */
  open: (signal?: AbortSignal) => Promise<RequestedInput[]>
  /** Gives files to the run of the load that was started with them, once the page is left. */
  handToRun: (started: StartedLoad) => void
  removeStored: UploadStore['removeStored']
  holdDuring: UploadStore['holdDuring']
  /** Takes complete files off the page once a proposal loads them. */
  handOver: () => void
}

const NOT_ADDED = 'Files were not added'
const LOST = 'Files are no longer uploaded'
const MAX_LISTED_REFUSALS = 3

function refusedError(refusals: readonly string[]): AppError {
  const more = refusals.length - MAX_LISTED_REFUSALS
  const listed = refusals.slice(0, MAX_LISTED_REFUSALS).join(' ')
  return new AppError('invalid-request', more > 0 ? `${listed} And ${formatQuantity(more, 'other file')}.` : listed)
}

function lostError(names: readonly string[]): AppError {
  const verbs = names.length === 1 ? ['has', 'was', 'it'] : ['have', 'were', 'them']
  const [has, was, them] = verbs
  return new AppError(
    'not-found',
    `${listNames(names)} ${has} expired, or ${was} loaded or removed. Drop ${them} again.`,
  )
}

/**
 * The files that are uploaded for a table, also those that were dropped before the table was chosen.
 *
 * @param runId the earlier load that is continued; null for a new load
 */
export function useLoadUploads(table: TableIdentifier, runId: string | null): LoadUploads {
  const { data: session } = useQuery(sessionQuery())
  const { store, uploads } = useUploads(session?.userId ?? '')
  const ofTable = uploads.filter((upload) => upload.runId === runId && isSameTable(upload.target, table))
  const files = ofTable.filter(({ awaitedBy }) => awaitedBy === null)
  const { listed, current, refetch } = useListedUploads(table)
  useAwaitedUploads(store, { current, ofTable })
  const sent = useSentFiles(ofTable, refetch)
  const [problem, setProblem] = useState<LoadUploads['problem']>(null)
  const handWhenLeft = useHandWhenLeft(store)
  const orShowProblem = <Result>(change: () => Result): Result | undefined => {
    setProblem(null)
    try {
      return change()
    } catch (error) {
      if (!(error instanceof Error)) throw error
      setProblem({ title: NOT_ADDED, error })
      return undefined
    }
  }
  // Before the form is painted without them.
  useLayoutEffect(() => {
    if (runId === null) takeHeldFiles(store, table)
  }, [store, table, runId])
  // The same functions, so that the lines of files that do not change are not drawn again.
  const remove = useCallback(
    (id: string) => {
      setProblem(null)
      store.remove(id).catch((error: Error) => setProblem({ title: 'The file was not removed', error }))
    },
    [store],
  )
  const retry = useCallback((id: string) => store.retry(id), [store])
  const lookForLost = async () => {
    const { data } = await refetch()
    if (data === undefined) return
    const stored = new Set(data.map(({ uploadId }) => uploadId))
    const lost = files.filter(({ state, uploadId }) => state === 'complete' && !stored.has(uploadId ?? ''))
    const gone = store.lose(lost.map(({ id }) => id))
    if (gone.length > 0) setProblem({ title: LOST, error: lostError(gone) })
  }
  return {
    files,
    listed,
    readListed: refetch,
    sent,
    problem,
    add(added) {
      const refusals = added.flatMap((file) => {
        const refusal = refuseFile(file, undefined)
        return refusal === null ? [] : [`${file.name}: ${refusal}`]
      })
      const good = added.filter((file) => refuseFile(file, undefined) === null)
      const ids = orShowProblem(() => store.add(good, table, runId)) ?? []
      if (refusals.length > 0) setProblem({ title: NOT_ADDED, error: refusedError(refusals) })
      return ids
    },
    addStored: (stored) => orShowProblem(() => store.addStored(stored, runId)),
    remove,
    retry,
    lookForLost,
    carryTo(other) {
      if (runId !== null) return
      const carried = files.flatMap(({ id }) => {
        const file = store.fileOf(id)
        return file === null ? [] : [{ id, file }]
      })
      orShowProblem(() => {
        aimHeldFiles(other, holdFiles(carried.map(({ file }) => file)))
        for (const { id } of carried) remove(id)
      })
    },
    async open(signal) {
      const ids = files.map(({ id }) => id)
      await store.openUploads(ids, signal)
      const opened = new Map(store.getSnapshot().map(({ id, uploadId }) => [id, uploadId]))
      return ids.flatMap((id) => {
        const uploadId = opened.get(id) ?? null
        return uploadId === null ? [] : [{ uploadId }]
      })
    },
    handToRun({ run, inputs }) {
      const loaded = new Set(inputs.flatMap((input) => ('uploadId' in input ? [input.uploadId] : [])))
      const ids = store
        .getSnapshot()
        .filter(({ uploadId }) => uploadId !== null && loaded.has(uploadId))
        .map(({ id }) => id)
      handWhenLeft(ids, run.id)
    },
    removeStored: (uploadId) => store.removeStored(uploadId),
    holdDuring: (work) => store.holdDuring(work),
    handOver: () => {
      const ids = files.map(({ id }) => id)
      // Once the list says that the proposal has them: otherwise they would be offered as files of an earlier visit.
      void refetch().finally(() => store.handOver(ids))
    },
  }
}

/** Uploads the files that were dropped for the table. Too many of them stay where they are, and the form offers them. */
function takeHeldFiles(store: UploadStore, table: TableIdentifier): void {
  const held = heldFilesFor(table)
  if (held.length === 0) return
  try {
    store.add(
      held.map(({ file }) => file),
      table,
    )
  } catch (error) {
    if (error instanceof AppError) return
    throw error
  }
  dropHeldFiles(held.map(({ id }) => id))
}

/** Files of a load that was started stay on its form until the page of the run is there. */
function useHandWhenLeft(store: UploadStore): (ids: readonly string[], runId: string) => void {
  const page = useRef({ isLeft: false, hand: () => {} })
  useEffect(() => {
    const shown = page.current
    shown.isLeft = false
    return () => {
      shown.isLeft = true
      shown.hand()
    }
  }, [])
  return (ids, runId) => {
    const hand = () => store.handToRun(ids, runId)
    if (page.current.isLeft) hand()
    else page.current.hand = hand
  }
}

/**
 * A file that was chosen again for a load that waits for it, as after a reload, is not one of a second load; nor is one
 * that was loaded since the form was left, as by a load that was tried again. One whose load no longer waits, for example
 * because another file of it was removed, is of the form again.
 *
 * @param options.current as the server has them since the form was opened
 */
function useAwaitedUploads(
  store: UploadStore,
  { current, ofTable }: { current: readonly StoredUpload[] | undefined; ofTable: readonly PageUpload[] },
): void {
  const [earlier] = useState(() => new Set(ofTable.flatMap(({ id, state }) => (state === 'complete' ? [id] : []))))
  useEffect(() => {
    if (current === undefined) return
    const known = new Map(current.map((upload) => [upload.uploadId, upload]))
    for (const { id, uploadId, awaitedBy } of ofTable) {
      const upload = uploadId === null ? undefined : known.get(uploadId)
      if (awaitedBy !== null) {
        if (upload?.runId === null && !isComplete(upload)) store.takeBack(awaitedBy)
      } else if (upload !== undefined && upload.runId !== null) store.handToRun([id], upload.runId)
      else if (uploadId !== null && earlier.has(id) && upload === undefined) store.handOver([id])
    }
  }, [store, current, ofTable, earlier])
}
