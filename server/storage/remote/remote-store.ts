import 'server-only'
import { rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { AppError } from '@/lib/errors'
import { type ByteRange, type FileVersion, type FolderPage, MAX_READ_BYTES, type ObjectStore } from '../object-store'
import { type ObjectIdentifier, type RemoteClient, readText } from './client'
import { readBody, contentLength, drainBody } from '@/server/http-out/send-request'
import { openObjectStream } from './object-stream'
import { tooManyFilesError, truncatedError, withTranslatedErrors } from '../storage-errors'
import { type Dialect, translateError, Refusal } from './refusal'
import { bytesSource, withFileSource } from './upload-source'
import type { Uploader } from './upload'

/** Enough to get past the marker objects that some tools create for folders. */
const PROBED_KEYS = 10

/**
 * Stores may return pages without any files, for example pages of folders or of removed objects. A page usually has a
 * thousand entries, so a store that returns this many such pages in a row would never end.
 */
const MAX_EMPTY_PAGES = 1_000

export type Listing = {
  /** Keys of files only. */
  keys: readonly string[]
  /** Leads to the next page; null on the last one. */
  nextPageToken: string | null
}

/** The direct contents of a folder, by keys. */
export type FolderListing = {
  /** Keys of folders end in a slash. */
  folderKeys: readonly string[]
  objects: readonly { key: string; sizeBytes: number; modifiedAtMs: number | null }[]
  nextPageToken: string | null
}

export type ListRequest = {
  bucket: string
  /** All listed keys begin with it. */
  prefix: string
  /** Lists only keys without a further slash. */
  isShallow: boolean
  maxKeys?: number
  pageToken: string | null
  signal?: AbortSignal | undefined
}

export type RemoteStoreDeps = {
  dialect: Dialect
  client: RemoteClient
  /** Passes the location through the gate. */
  resolveObject(location: string): ObjectIdentifier
  upload: Uploader
  /** As `ObjectStore.copyNew`; absent when the store cannot copy. */
  copy?(
    from: ObjectIdentifier,
    to: ObjectIdentifier,
    signal: AbortSignal | undefined,
  ): ReturnType<ObjectStore['copyNew']>
  list(request: ListRequest): Promise<Listing>
  listFolder(request: ListRequest): Promise<FolderListing>
  /** The code with which the store refuses to remove an object that does not exist. */
  missingObjectCode: string
}

/**
 * A store that is reached over HTTP. New objects never replace others; reads return exactly the requested bytes.
 * Overload, timeouts and lost answers are handled by retries (see `client`).
 */
export function remoteStore({
  dialect,
  client,
  resolveObject,
  upload,
  copy,
  list,
  listFolder,
  missingObjectCode,
}: RemoteStoreDeps): ObjectStore {
  /** Runs work on the object at a location after the gate accepted it. */
  async function withObject<Result>(
    location: string,
    work: (object: ObjectIdentifier) => Promise<Result>,
  ): Promise<Result> {
    const object = resolveObject(location)
    if (object.key === '') {
      throw new AppError('file-missing', `There is a ${dialect.bucketNoun} at this location, not a file.`, {
        facts: { location },
      })
    }
    return withTranslatedErrors(toTranslator(location, object), () => work(object))
  }

  function toTranslator(location: string, { bucket }: ObjectIdentifier) {
    return (error: unknown) => translateError(error, dialect, { location, bucket, host: client.host })
  }

  function readVersion(object: ObjectIdentifier, location: string, signal?: AbortSignal): Promise<FileVersion> {
    return client.send({ method: 'HEAD', object, signal }, async (response) => {
      await drainBody(response, client.idleTimeoutMs)
      const sizeBytes = contentLength(response)
      if (sizeBytes === null) throw missingLengthError(location)
      return { sizeBytes, version: response.headers.etag ?? response.headers['last-modified'] ?? null }
    })
  }

  /**
   * Keys below a folder, page by page. Leaves out the folder's own marker, an empty object that some tools create.
   *
   * @throws {AppError} storage-unavailable when the store keeps returning pages without files
   */
  async function* listPages(location: string, options: Pick<ListRequest, 'isShallow' | 'maxKeys' | 'signal'>) {
    const object = resolveObject(location)
    const folder = object.key.replace(/\/+$/, '')
    const prefix = folder === '' ? '' : `${folder}/`
    let pageToken: string | null = null
    let emptyPages = 0
    do {
      const request: ListRequest = { ...options, bucket: object.bucket, prefix, pageToken }
      const listing: Listing = await withTranslatedErrors(toTranslator(location, object), () => list(request))
      if (listing.keys.some((key) => !key.startsWith(prefix))) throw wrongListingError(location)
      const names = listing.keys.map((key) => key.slice(prefix.length)).filter((name) => name !== '')
      emptyPages = names.length > 0 ? 0 : emptyPages + 1
      const isStuck =
        listing.nextPageToken !== null && (listing.nextPageToken === pageToken || emptyPages >= MAX_EMPTY_PAGES)
      if (isStuck) throw endlessListingError(location)
      yield names
      pageToken = listing.nextPageToken
    } while (pageToken !== null)
  }

  return {
    checkLocation(location) {
      resolveObject(location)
    },

    async read(location, { range, maxBytes = MAX_READ_BYTES, signal } = {}) {
      return withObject(location, async (object) => {
        if (!range) {
          return client.send({ method: 'GET', object, signal }, async (response) => {
            requireFullBody(response, location)
            const bytes = await readBody(response, maxBytes, client.idleTimeoutMs)
            if (bytes === null) throw tooLargeError(location, contentLength(response), maxBytes)
            return bytes
          })
        }
        const length = range.end - range.start
        if (length > maxBytes) throw tooLargeError(location, length, maxBytes)
        if (length === 0) {
          await readVersion(object, location, signal)
          return new Uint8Array(0)
        }
        return client.send({ method: 'GET', object, headers: rangeHeader(range), signal }, async (response) => {
          requireRange(response, range, location)
          const bytes = await readBody(response, length, client.idleTimeoutMs)
          if (bytes?.length === length) return bytes
          throw bytes ? truncatedError(location, range.end, range.start + bytes.length) : wrongBytesError(location)
        })
      })
    },

    async stream(location, { range, signal }) {
      return withObject(location, (object) =>
        openObjectStream({
          range,
          idleTimeoutMs: client.idleTimeoutMs,
          open: (remaining, stopSignal) =>
            client.send(
              { method: 'GET', object, headers: rangeHeader(remaining), signal: stopSignal },
              async (response) => {
                requireRange(response, remaining, location)
                return response
              },
            ),
          truncatedError: (actualBytes) => truncatedError(location, range.end, actualBytes),
          replacedError: () => replacedError(location),
          translateError: toTranslator(location, object),
          signal,
        }),
      )
    },

    sizeBytes: (location, { signal } = {}) =>
      withObject(location, async (object) => (await readVersion(object, location, signal)).sizeBytes),

    readVersion: (location, { signal } = {}) => withObject(location, (object) => readVersion(object, location, signal)),

    writeNew: (location, bytes) => withObject(location, (object) => upload(object, bytesSource(bytes))),

    async importFile(localPath, location) {
      await withObject(location, (object) => withFileSource(localPath, (source) => upload(object, source)))
      await rm(localPath, { force: true })
    },

    copyNew: (from, to, { signal } = {}) =>
      withObject(from, (source) =>
        withObject(to, async (target) => (copy ? copy(source, target, signal) : 'not-supported')),
      ),

    async listNames(folder, { limit, signal }) {
      const names: string[] = []
      for await (const page of listPages(folder, { isShallow: true, signal })) {
        names.push(...page)
        if (names.length > limit) throw tooManyFilesError(folder, limit)
      }
      return names
    },

    async listFolder(folder, { limit, pageToken, signal }) {
      const object = resolveObject(folder)
      const folderKey = object.key.replace(/\/+$/, '')
      const prefix = folderKey === '' ? '' : `${folderKey}/`
      const request: ListRequest = { bucket: object.bucket, prefix, isShallow: true, maxKeys: limit, pageToken, signal }
      const listing = await withTranslatedErrors(toTranslator(folder, object), () => listFolder(request))
      return toFolderPage(listing, request, folder)
    },

    async hasFiles(location) {
      for await (const page of listPages(location, { isShallow: false, maxKeys: PROBED_KEYS })) {
        if (page.length > 0) return true
      }
      return false
    },

    remove: (location) =>
      withObject(location, async (object) => {
        try {
          await client.send({ method: 'DELETE', object }, (response) => readText(client, response))
        } catch (error) {
          if (!(error instanceof Refusal && error.code === missingObjectCode)) throw error
        }
      }),

    async removeEmptyFolder(location) {
      resolveObject(location)
      return false
    },
  }
}

/** Leaves out the folder's own marker. */
function toFolderPage(
  { folderKeys, objects, nextPageToken }: FolderListing,
  { prefix, pageToken }: Pick<ListRequest, 'prefix' | 'pageToken'>,
  location: string,
): FolderPage {
  const nameOf = (key: string): string => {
    if (!key.startsWith(prefix)) throw wrongListingError(location)
    return key.slice(prefix.length)
  }
  return {
    folders: folderKeys.map((key) => nameOf(key).replace(/\/$/, '')).filter((name) => name !== ''),
    files: objects
      .map(({ key, sizeBytes, modifiedAtMs }) => ({ name: nameOf(key), sizeBytes, modifiedAtMs }))
      .filter(({ name }) => name !== ''),
    nextPageToken,
    // The root exists without objects, and so does the folder of a page before. A folder's own marker is an object.
    isMissing: prefix !== '' && !pageToken && nextPageToken === null && folderKeys.length + objects.length === 0,
  }
}

function rangeHeader({ start, end }: ByteRange): { range: string } {
  return { range: `bytes=${start}-${end - 1}` }
}

/** A body that ends with the connection can be incomplete without any sign of it. */
function requireFullBody(response: IncomingMessage, location: string): void {
  const hasKnownEnd = contentLength(response) !== null || response.headers['transfer-encoding'] === 'chunked'
  if (response.statusCode === 200 && hasKnownEnd) return
  response.destroy()
  throw wrongBytesError(location)
}

/**
 * A store returns less than the range at the end of the object, and all of the object when it does not support ranges.
 */
function requireRange(response: IncomingMessage, range: ByteRange, location: string): void {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(response.headers['content-range'] ?? '') ?? []
  if (response.statusCode === 206 && Number(first) === range.start && Number(last) === range.end - 1) return
  if (response.statusCode === 200 && range.start === 0 && contentLength(response) === range.end) return
  response.destroy()
  const isShort = response.statusCode === 206 && Number(first) === range.start && Number(last) < range.end - 1
  if (isShort) throw truncatedError(location, range.end, total === '*' ? Number(last) + 1 : Number(total))
  throw wrongBytesError(location)
}

function wrongBytesError(location: string): AppError {
  return new AppError('storage-unavailable', 'The storage returned other bytes than the ones that were requested.', {
    facts: { location },
  })
}

function wrongListingError(location: string): AppError {
  return new AppError('storage-unavailable', 'The storage listed objects outside the requested folder.', {
    facts: { location },
  })
}

function tooLargeError(location: string, bytes: number | null, maxBytes: number): AppError {
  return new AppError(
    'too-large',
    `Reading this file would take ${bytes ?? 'more'} bytes of memory; ${maxBytes} are allowed.`,
    { facts: { location, bytes, maxBytes } },
  )
}

function endlessListingError(location: string): AppError {
  return new AppError('storage-unavailable', 'The storage’s listing of this folder does not end.', {
    facts: { location },
  })
}

function replacedError(location: string): AppError {
  return new AppError('file-damaged', 'The file was replaced while it was being read.', { facts: { location } })
}

function missingLengthError(location: string): AppError {
  return new AppError('storage-unavailable', 'The storage does not report the size of the file.', {
    facts: { location },
  })
}
