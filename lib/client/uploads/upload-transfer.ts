import type { Upload, UploadOptions } from 'tus-js-client'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { ChecksumStack } from './checksum-stack'
import { FileChunks } from './file-chunks'
import { CHUNK_BYTES } from './page-upload'
import { fingerprintFile, storedUploads } from './stored-uploads'
import { mayContinue, toUploadFailure } from './upload-failure'

/** The library, which is loaded with the first file. */
export type TusLibrary = Pick<typeof import('tus-js-client'), 'Upload' | 'DefaultHttpStack'>

/** How the page reaches the server. */
export type UploadConnection = {
  userId: string
  /** The absolute URL of the uploads. */
  endpoint: string
  /** For programs without cookies. */
  headers?: Record<string, string>
  /** Pauses between attempts that send nothing; after the last one the upload fails. */
  retryPausesMs?: readonly number[]
  /** Between attempts of an upload whose session has ended. */
  signInPauseMs?: number
}

export type TransferEvents = {
  onUrl(url: string): void
  onProgress(sentBytes: number): void
  /** The next bytes are sent when it has ended. */
  onStored(storedBytes: number): Promise<void>
  onPause(failure: AppError): void
  onComplete(): void
  onFailure(failure: AppError): void
}

const RETRY_PAUSES_MS = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 60_000, 60_000]
/** The server ends a request in which it receives nothing for 60 seconds; this is for a network that says nothing. */
const MAX_SILENT_MS = 120_000
/** How often an upload whose session has ended looks whether its user has signed in again, in whatever tab. */
const SIGN_IN_PAUSE_MS = 15_000

/**
 * Sends one file, and continues after failures that may pass. Without a network it waits until the browser has one again,
 * and without a session until its user has signed in again; otherwise it pauses longer after each attempt that sent
 * nothing, and gives up after the last pause.
 */
export class UploadTransfer {
  readonly #upload: Upload
  readonly #events: TransferEvents
  readonly #pausesMs: readonly number[]
  readonly #signInPauseMs: number
  #attempts = 0
  #sentBytes = 0
  #retryTimer: ReturnType<typeof setTimeout> | undefined
  #silenceTimer: ReturnType<typeof setTimeout> | undefined
  #isStopped = false
  /** Whether it stops once the server knows the upload. */
  #isOpening = false
  #begun: Promise<void> | null = null

  constructor(
    { Upload, DefaultHttpStack }: TusLibrary,
    { file, target }: { file: File; target: TableIdentifier },
    {
      userId,
      endpoint,
      headers = {},
      retryPausesMs = RETRY_PAUSES_MS,
      signInPauseMs = SIGN_IN_PAUSE_MS,
    }: UploadConnection,
    events: TransferEvents,
  ) {
    this.#events = events
    this.#pausesMs = retryPausesMs
    this.#signInPauseMs = signInPauseMs
    const chunks = new FileChunks(file, async (storedBytes) => {
      if (!this.#isStopped) await events.onStored(storedBytes)
    })
    let fingerprint: Promise<string> | undefined
    const options: UploadOptions = {
      endpoint,
      headers,
      metadata: {
        filename: file.name,
        catalog: target.catalog,
        namespace: JSON.stringify(target.namespace),
        table: target.table,
      },
      chunkSize: CHUNK_BYTES,
      // Attempts are counted here, because a page without a network makes none.
      retryDelays: null,
      fingerprint: () => (fingerprint ??= fingerprintFile(file, target)),
      urlStorage: storedUploads(userId),
      fileReader: chunks.reader,
      httpStack: new ChecksumStack(new DefaultHttpStack({}), (body) => chunks.checksumOf(body)),
      onUploadUrlAvailable: () => {
        const { url } = this.#upload
        if (url !== null) events.onUrl(url)
        if (this.#isOpening) this.#pauseOpened()
      },
      onProgress: (sentBytes) => this.#progress(sentBytes),
      onSuccess: () => {
        this.#end()
        events.onComplete()
      },
      onError: (error) => this.#fail(toUploadFailure(error)),
    }
    this.#upload = new Upload(file, options)
  }

  /** Has the server know the upload, so that requests can name it, and sends nothing of it yet. */
  async open(): Promise<void> {
    this.#isOpening = true
    try {
      await this.#begin()
    } catch (error) {
      this.#isOpening = false
      throw error
    }
  }

  /** Continues the upload of the same file that was begun before, if this browser knows one. */
  async start(): Promise<void> {
    const begun = this.#isOpening ? this.#begun : null
    this.#isOpening = false
    await (begun ?? this.#begin())
  }

  #begin(): Promise<void> {
    this.#begun = this.#findAndAttempt()
    return this.#begun
  }

  async #findAndAttempt(): Promise<void> {
    if (this.#upload.url !== null) return this.#attempt()
    const [newest] = (await this.#upload.findPreviousUploads()).toReversed()
    if (this.#isStopped) return
    if (newest) this.#upload.resumeFromPreviousUpload(newest)
    this.#attempt()
  }

  /** Sends nothing more. The server stores what it has until the upload expires. */
  async stop(): Promise<void> {
    this.#end()
    await this.#upload.abort()
  }

  /**
   * Sends nothing more, and removes the upload from the server.
   *
   * @throws {AppError} when the server does not remove it now; it does when the upload expires
   */
  async remove(): Promise<void> {
    this.#end()
    try {
      await this.#upload.abort(true)
    } catch (error) {
      requireGone(error)
    }
  }

  #pauseOpened(): void {
    this.#isOpening = false
    clearTimeout(this.#silenceTimer)
    void this.#upload.abort()
  }

  #attempt(): void {
    clearTimeout(this.#retryTimer)
    removeOnlineListener(this.#continue)
    this.#expectProgress()
    this.#upload.start()
  }

  readonly #continue = () => this.#attempt()

  #progress(sentBytes: number): void {
    if (this.#isStopped) return
    if (sentBytes > this.#sentBytes) this.#attempts = 0
    this.#sentBytes = sentBytes
    this.#expectProgress()
    this.#events.onProgress(sentBytes)
  }

  #expectProgress(): void {
    clearTimeout(this.#silenceTimer)
    this.#silenceTimer = setTimeout(() => {
      void this.#upload.abort()
      this.#fail(new AppError('server-unreachable', 'The server has not answered for two minutes.'))
    }, MAX_SILENT_MS)
  }

  #fail(failure: AppError): void {
    if (this.#isStopped) return
    clearTimeout(this.#silenceTimer)
    if (failure.code === 'unauthenticated') {
      this.#events.onPause(failure)
      this.#retryTimer = setTimeout(this.#continue, this.#signInPauseMs)
      return
    }
    const pauseMs = this.#pausesMs[this.#attempts]
    if (!mayContinue(failure) || pauseMs === undefined) {
      this.#end()
      this.#events.onFailure(failure)
      return
    }
    this.#events.onPause(failure)
    addOnlineListener(this.#continue)
    if (isOffline()) return
    this.#attempts += 1
    this.#retryTimer = setTimeout(this.#continue, pauseMs)
  }

  #end(): void {
    this.#isStopped = true
    clearTimeout(this.#retryTimer)
    clearTimeout(this.#silenceTimer)
    removeOnlineListener(this.#continue)
  }
}

/**
 * Removes an upload from the server that this page did not send.
 *
 * @throws {AppError} when the server does not remove it now; it does when the upload expires
 */
export async function removeStoredUpload(
  { Upload, DefaultHttpStack }: TusLibrary,
  uploadId: string,
  { endpoint, headers = {} }: UploadConnection,
): Promise<void> {
  try {
    const url = `${endpoint}/${encodeURIComponent(uploadId)}`
    await Upload.terminate(url, { headers, retryDelays: null, httpStack: new DefaultHttpStack({}) })
  } catch (error) {
    requireGone(error)
  }
}

/** @throws {AppError} unless the server no longer has the upload */
function requireGone(error: unknown): void {
  const failure = toUploadFailure(error instanceof Error ? error : new Error(String(error)))
  if (failure.code !== 'not-found') throw failure
}

function isOffline(): boolean {
  return typeof navigator !== 'undefined' && 'onLine' in navigator && !navigator.onLine
}

function addOnlineListener(listener: () => void): void {
  if (typeof window !== 'undefined') window.addEventListener('online', listener)
}

function removeOnlineListener(listener: () => void): void {
  if (typeof window !== 'undefined') window.removeEventListener('online', listener)
}
