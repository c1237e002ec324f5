import { AppError } from '@/lib/errors'
import { formatCount } from '@/lib/format/count'
import { loadCode } from '@/lib/load-code'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { toFailure } from '../failure'
import { MAX_PAGE_UPLOADS, MAX_SIMULTANEOUS_UPLOADS, type PageUpload } from './page-upload'
import { forgetStoredUpload } from './stored-uploads'
import { UploadOpenings } from './upload-openings'
import { UploadRate } from './upload-rate'
import { removeStoredUpload, type TusLibrary, type UploadConnection, UploadTransfer } from './upload-transfer'

const PROGRESS_INTERVAL_MS = 250
/** With more of them, the page is drawn for the changes of all files together, not for each. */
const MAX_EAGER_FILES = 20
const MAX_HOLD_MS = 2_000

/** An upload of an earlier page has no file: it is complete. */
type Entry = { upload: PageUpload; file: File | null; transfer: UploadTransfer | null; rate: UploadRate }

/**
 * The files that a browser tab uploads, in the order in which they were added, for any table. Three are sent at a time;
 * the others wait.
 *
 * Stopping it, as before a sign-out, leaves the bytes that have arrived on the server.
 */
export class UploadStore {
  readonly #connection: UploadConnection
  readonly #loadLibrary: () => Promise<TusLibrary>
  readonly #listeners = new Set<() => void>()
  readonly #entries = new Map<string, Entry>()
  #library: Promise<TusLibrary> | null = null
  /** Null after a change. */
  #snapshot: readonly PageUpload[] | null = []
  readonly #openings = new UploadOpenings({
    find: (id) => this.#entries.get(id)?.upload,
    begin: (id) => this.#beginOpening(id),
  })
  #lastNumber = 0
  /** Until it has ended, no further chunk is sent. */
  #hold: Promise<void> = Promise.resolve()
  #publishTimer: ReturnType<typeof setTimeout> | undefined

  constructor(
    connection: UploadConnection,
    loadLibrary: () => Promise<TusLibrary> = () => loadCode(() => import('tus-js-client')),
  ) {
    this.#connection = connection
    this.#loadLibrary = loadLibrary
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The same array until something changes. */
  readonly getSnapshot = (): readonly PageUpload[] =>
    (this.#snapshot ??= [...this.#entries.values()].map(({ upload }) => upload))

  /**
   * Adds files for a table, all of them or none.
   *
   * @param runId the earlier load that is continued with them
   * @returns their ids
   * @throws {AppError} too-large when there would be too many files
   */
  add(files: readonly File[], target: TableIdentifier, runId: string | null = null): string[] {
    this.#requireRoom(files.length)
    const ids = files.map((file) =>
      this.#addEntry(file, {
        fileName: file.name,
        sizeBytes: file.size,
        target,
        runId,
        state: 'waiting',
        sentBytes: 0,
        storedBytes: 0,
        uploadId: null,
      }),
    )
    this.#publish()
    this.#startNext()
    return ids
  }

  /**
   * Adds complete uploads that the server has from another tab or an earlier visit, all of them or none. Those that the
   * same load has already are ignored.
   *
   * @throws {AppError} too-large when there would be too many files
   */
  addStored(
    stored: readonly Pick<PageUpload, 'fileName' | 'sizeBytes' | 'target' | 'uploadId'>[],
    runId: string | null = null,
  ): void {
    const known = new Set(
      this.getSnapshot()
        .filter((upload) => upload.runId === runId)
        .map(({ uploadId }) => uploadId),
    )
    const added = stored.filter(({ uploadId }) => !known.has(uploadId))
    this.#requireRoom(added.length)
    for (const { fileName, sizeBytes, target, uploadId } of added) {
      const bytes = { sizeBytes, sentBytes: sizeBytes, storedBytes: sizeBytes }
      this.#addEntry(null, { fileName, target, runId, uploadId, state: 'complete', ...bytes })
    }
    this.#publish()
  }

  #requireRoom(count: number): void {
    if (this.#entries.size + count <= MAX_PAGE_UPLOADS) return
    throw new AppError(
      'too-large',
      `${formatCount(count)} files are too many: this tab uploads at most ${formatCount(MAX_PAGE_UPLOADS)}, and it has ${formatCount(this.#entries.size)}. No file was added. Join small files into larger ones, or load them in several runs.`,
      { facts: { files: count, maxFiles: MAX_PAGE_UPLOADS } },
    )
  }

  #addEntry(file: File | null, upload: Omit<PageUpload, 'id' | 'bytesPerSecond' | 'failure' | 'awaitedBy'>): string {
    this.#lastNumber += 1
    const id = String(this.#lastNumber)
    this.#entries.set(id, {
      upload: { id, ...upload, bytesPerSecond: null, failure: null, awaitedBy: null },
      file,
      transfer: null,
      rate: new UploadRate(() => this.#update(id, { bytesPerSecond: null })),
    })
    return id
  }

  /** Null for an upload of an earlier page. */
  fileOf(id: string): File | null {
    return this.#entries.get(id)?.file ?? null
  }

  /** Sends a file again that has failed, from the byte at which the server has it. */
  retry(id: string): void {
    const entry = this.#entries.get(id)
    if (entry?.upload.state !== 'failed') return
    entry.transfer = null
    this.#update(id, { state: 'waiting', failure: null })
    this.#startNext()
  }

  /**
   * Removes a file from the page and from the server.
   *
   * @throws {AppError} when the server did not remove it; the page no longer has it, and on the server it expires
   */
  async remove(id: string): Promise<void> {
    const entry = this.#entries.get(id)
    if (!entry) return
    this.#entries.delete(id)
    this.#publish()
    this.#startNext()
    const { upload, file, transfer } = entry
    await transfer?.remove()
    if (file === null && upload.uploadId !== null)
      await removeStoredUpload(await this.#openLibrary(), upload.uploadId, this.#connection)
  }

  /**
   * Has the server know the uploads, also of files that wait for others, so that a load can be started with them.
   *
   * @param signal stops it; the server keeps the uploads that it knows
   * @throws {AppError} when one of them fails; cancelled by the signal
   */
  async openUploads(ids: readonly string[], signal?: AbortSignal): Promise<void> {
    try {
      await this.#openings.open(ids, signal)
    } finally {
      this.#startNext()
    }
  }

  async #beginOpening(id: string): Promise<void> {
    const entry = this.#entries.get(id)
    if (!entry?.file || entry.upload.state !== 'waiting' || entry.upload.uploadId !== null || entry.transfer) return
    const library = await this.#openLibrary()
    // Its turn may have come.
    if (entry.transfer !== null) return
    entry.transfer = this.#createTransfer(library, entry.file, entry.upload)
    await entry.transfer.open()
  }

  /** Gives files to a run: they go on, are no longer of a form, and leave this tab once all of them are complete. */
  handToRun(ids: readonly string[], runId: string): void {
    for (const id of ids) {
      const entry = this.#entries.get(id)
      if (entry) entry.upload = { ...entry.upload, awaitedBy: runId }
    }
    this.#dropWhole(runId)
  }

  /** Until the last one is complete, the run may end without them, and then they are of the form again. */
  #dropWhole(runId: string): void {
    const awaited = [...this.#entries.values()].filter(({ upload }) => upload.awaitedBy === runId)
    if (awaited.every(({ upload }) => upload.state === 'complete'))
      for (const { upload } of awaited) this.#entries.delete(upload.id)
    this.#publish()
  }

  /** Takes the files back from a run that has ended: they are of the form again. */
  takeBack(runId: string): void {
    for (const entry of this.#entries.values())
      if (entry.upload.awaitedBy === runId) entry.upload = { ...entry.upload, awaitedBy: null }
    this.#publish()
  }

  /** Takes complete files off the page for a proposal, which keeps them: the same file becomes another upload. */
  handOver(ids: readonly string[]): void {
    for (const id of ids) {
      const { state, uploadId = null } = this.#entries.get(id)?.upload ?? {}
      if (state === 'complete' && uploadId !== null) forgetStoredUpload(this.#connection.userId, uploadId)
    }
    for (const id of ids) if (this.#entries.get(id)?.upload.state === 'complete') this.#entries.delete(id)
    this.#publish()
  }

  /**
   * Says of complete files that the server has them no longer. Those of this tab can be sent again; the others, which
   * were uploaded by an earlier page, are taken off it.
   *
   * @returns the names of the others
   */
  lose(ids: readonly string[]): string[] {
    const gone: string[] = []
    for (const id of ids) {
      const entry = this.#entries.get(id)
      if (entry?.upload.state !== 'complete') continue
      if (entry.upload.uploadId !== null) forgetStoredUpload(this.#connection.userId, entry.upload.uploadId)
      if (entry.file === null) {
        gone.push(entry.upload.fileName)
        this.#entries.delete(id)
        continue
      }
      entry.transfer = null
      const failure = new AppError('not-found', 'It has expired, was loaded or was removed.')
      entry.upload = { ...entry.upload, state: 'failed', failure, uploadId: null, sentBytes: 0, storedBytes: 0 }
    }
    this.#publish()
    return gone
  }

  /**
   * Sends no further chunk before the work has ended, for at most two seconds: what the user waits for would share the
   * processor and the line with them.
   */
  async holdDuring<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = work()
    const isOver = Promise.race([result.catch(() => {}), new Promise((resolve) => setTimeout(resolve, MAX_HOLD_MS))])
    this.#hold = Promise.all([this.#hold, isOver]).then(() => {})
    return await result
  }

  /**
   * Removes an upload of an earlier page from the server.
   *
   * @throws {AppError} when the server did not remove it
   */
  async removeStored(uploadId: string): Promise<void> {
    await removeStoredUpload(await this.#openLibrary(), uploadId, this.#connection)
    forgetStoredUpload(this.#connection.userId, uploadId)
  }

  #openLibrary(): Promise<TusLibrary> {
    this.#library ??= this.#loadLibrary()
    return this.#library
  }

  /** Stops sending; the store accepts no result after that. */
  async stop(): Promise<void> {
    const entries = [...this.#entries.values()]
    this.#entries.clear()
    this.#publish()
    await Promise.all(entries.flatMap(({ transfer }) => transfer?.stop() ?? []))
  }

  #startNext(): void {
    if (this.#openings.areUnderWay) return
    const entries = [...this.#entries.values()]
    const activeCount = entries.filter(({ upload: { state } }) => state === 'sending' || state === 'paused').length
    const waiting = entries.filter(({ upload: { state } }) => state === 'waiting')
    for (const { upload } of waiting.slice(0, Math.max(0, MAX_SIMULTANEOUS_UPLOADS - activeCount))) {
      this.#update(upload.id, { state: 'sending' })
      void this.#start(upload.id)
    }
  }

  async #start(id: string): Promise<void> {
    try {
      const library = await this.#openLibrary()
      const entry = this.#entries.get(id)
      if (!entry?.file) return
      entry.transfer ??= this.#createTransfer(library, entry.file, entry.upload)
      await entry.transfer.start()
    } catch (error) {
      // The library is loaded again with the next attempt.
      this.#library = null
      this.#finish(id, { state: 'failed', failure: toFailure(error) })
    }
  }

  #createTransfer(library: TusLibrary, file: File, { id, target, sizeBytes }: PageUpload): UploadTransfer {
    return new UploadTransfer(library, { file, target }, this.#connection, {
      onUrl: (url) => this.#setUploadId(id, decodeURIComponent(url.split('/').at(-1) ?? '')),
      onProgress: (sentBytes) => this.#progress(id, sentBytes),
      onStored: (storedBytes) => {
        this.#updateStored(id, storedBytes)
        return this.#hold
      },
      onPause: (failure) => this.#pause(id, failure),
      onComplete: () =>
        this.#finish(id, { state: 'complete', sentBytes: sizeBytes, storedBytes: sizeBytes, failure: null }),
      onFailure: (failure) => this.#finish(id, { state: 'failed', failure }),
    })
  }

  /** The same file becomes another upload when its first one has expired or was removed: no run waits for that. */
  #setUploadId(id: string, uploadId: string): void {
    const known = this.#entries.get(id)?.upload.uploadId ?? uploadId
    this.#update(id, { uploadId, failure: null, ...(known !== uploadId && { awaitedBy: null }) })
  }

  #progress(id: string, sentBytes: number): void {
    const entry = this.#entries.get(id)
    if (!entry) return
    entry.rate.add(sentBytes, Date.now())
    const isFirst = entry.upload.state !== 'sending' || entry.upload.sentBytes === 0
    const update = { state: 'sending', failure: null, sentBytes, bytesPerSecond: entry.rate.bytesPerSecond } as const
    entry.upload = { ...entry.upload, ...update }
    this.#publishChange(isFirst)
  }

  #updateStored(id: string, storedBytes: number): void {
    const entry = this.#entries.get(id)
    if (!entry) return
    const isFirst = entry.upload.storedBytes === 0
    entry.upload = { ...entry.upload, storedBytes }
    this.#publishChange(isFirst)
  }

  #pause(id: string, failure: AppError): void {
    const entry = this.#entries.get(id)
    // It waits for its turn, and only its address is asked for.
    const state = entry?.upload.state === 'waiting' ? 'waiting' : 'paused'
    entry?.rate.reset()
    this.#update(id, { state, failure, bytesPerSecond: null })
  }

  #finish(id: string, end: Partial<PageUpload>): void {
    this.#entries.get(id)?.rate.reset()
    this.#update(id, { ...end, bytesPerSecond: null })
    const awaitedBy = this.#entries.get(id)?.upload.awaitedBy ?? null
    if (awaitedBy !== null) this.#dropWhole(awaitedBy)
    this.#startNext()
  }

  #update(id: string, update: Partial<PageUpload>): void {
    const entry = this.#entries.get(id)
    if (!entry) return
    entry.upload = { ...entry.upload, ...update }
    this.#publishChange(true)
  }

  /** Drawing the page takes more of the processor than sending the bytes between two events of progress. */
  #publishChange(isUrgent: boolean): void {
    this.#noteChange()
    if (isUrgent && this.#entries.size <= MAX_EAGER_FILES) this.#publish()
    else this.#publishTimer ??= setTimeout(() => this.#publish(), PROGRESS_INTERVAL_MS)
  }

  #publish(): void {
    clearTimeout(this.#publishTimer)
    this.#publishTimer = undefined
    this.#noteChange()
    for (const listener of this.#listeners) listener()
  }

  #noteChange(): void {
    this.#snapshot = null
    this.#openings.noteChange()
  }
}
