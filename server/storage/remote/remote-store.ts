import 'server-only'
import { rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { AppError } from '@/lib/errors'
import { type ByteRange, MAX_READ_BYTES, type ObjectStore } from '../object-store'
import { type ObjectRef, type RemoteClient, textOf } from './client'
import { bytesOf, contentLength, endOf } from '@/server/http-out/http-exchange'
import { objectStream } from './object-stream'
import { type Asked, type Dialect, inOurWords, Refusal, translated } from './refusal'
import { bytesSource, withFileSource } from './source'
import type { Uploader } from './upload'

/** Enough to come past the marks that some tools put in the place of folders. */
const PROBED_KEYS = 10

/**
 * Stores may answer pages of which nothing is a file: of folders, of what was removed. So many of them one after the
 * other, of a thousand each as a rule, are of a store that never ends.
 */
const MOST_EMPTY_PAGES = 1_000

export type Listing = {
  /** Of files only. */
  keys: readonly string[]
  /** Leads on where there are more. */
  next: string | null
}

export type ListRequest = {
  holder: string
  /** What the keys begin with. */
  prefix: string
  /** Only those without a further slash. */
  isShallow: boolean
  most?: number
  after: string | null
  signal?: AbortSignal | undefined
}

export type RemoteParts = {
  dialect: Dialect
  client: RemoteClient
  /** Through the gate. */
  objectOf(location: string): ObjectRef
  upload: Uploader
  list(request: ListRequest): Promise<Listing>
  /** Codes of a refusal to remove what is not there. */
  missingCode: string
}

/**
 * A store that is asked over HTTP. New objects never replace others; reads are of exactly the bytes asked for. What a
 * store may do to overload, silence and lost answers is borne by trying again (see `client`).
 */
export function remoteStore({ dialect, client, objectOf, upload, list, missingCode }: RemoteParts): ObjectStore {
  /** Runs work on the object a location names, once the gate let it through. */
  async function on<Result>(location: string, work: (object: ObjectRef) => Promise<Result>): Promise<Result> {
    const object = objectOf(location)
    if (object.key === '') {
      throw new AppError('file-missing', `There is a ${dialect.holderNoun} at this location, not a file.`, {
        facts: { location },
      })
    }
    return translated(dialect, askedOf(location, object), () => work(object))
  }

  function askedOf(location: string, { holder }: ObjectRef): Asked {
    return { location, holder, host: client.host }
  }

  function sizeOf(object: ObjectRef, location: string, signal?: AbortSignal): Promise<number> {
    return client.send({ method: 'HEAD', object, signal }, async (answer) => {
      await endOf(answer, client.silenceMs)
      const sizeBytes = contentLength(answer)
      if (sizeBytes === null) throw noLength(location)
      return sizeBytes
    })
  }

  /**
   * Keys below a folder, page by page. The folder's own mark, an empty object that some tools make, is none.
   *
   * @throws {AppError} storage-unavailable when pages lead on for ever and bring nothing
   */
  async function* pagesOf(location: string, asked: Pick<ListRequest, 'isShallow' | 'most' | 'signal'>) {
    const object = objectOf(location)
    const folder = object.key.replace(/\/+$/, '')
    const prefix = folder === '' ? '' : `${folder}/`
    let after: string | null = null
    let emptyPages = 0
    do {
      const request: ListRequest = { ...asked, holder: object.holder, prefix, after }
      const listing: Listing = await translated(dialect, askedOf(location, object), () => list(request))
      if (listing.keys.some((key) => !key.startsWith(prefix))) throw otherNames(location)
      const names = listing.keys.map((key) => key.slice(prefix.length)).filter((name) => name !== '')
      emptyPages = names.length > 0 ? 0 : emptyPages + 1
      const isStuck = listing.next !== null && (listing.next === after || emptyPages >= MOST_EMPTY_PAGES)
      if (isStuck) throw neverEnds(location)
      yield names
      after = listing.next
    } while (after !== null)
  }

  return {
    checkLocation(location) {
      objectOf(location)
    },

    async read(location, { range, maxBytes = MAX_READ_BYTES, signal } = {}) {
      return on(location, async (object) => {
        if (!range) {
          return client.send({ method: 'GET', object, signal }, async (answer) => {
            requireWhole(answer, location)
            const bytes = await bytesOf(answer, maxBytes, client.silenceMs)
            if (bytes === null) throw tooLarge(location, contentLength(answer), maxBytes)
            return bytes
          })
        }
        const length = range.end - range.start
        if (length > maxBytes) throw tooLarge(location, length, maxBytes)
        if (length === 0) {
          await sizeOf(object, location, signal)
          return new Uint8Array(0)
        }
        return client.send({ method: 'GET', object, headers: rangeHeader(range), signal }, async (answer) => {
          requireRange(answer, range, location)
          const bytes = await bytesOf(answer, length, client.silenceMs)
          if (bytes?.length === length) return bytes
          throw bytes ? endsEarly(location, range.end, range.start + bytes.length) : otherBytes(location)
        })
      })
    },

    async stream(location, { range, signal }) {
      return on(location, (object) =>
        objectStream({
          range,
          silenceMs: client.silenceMs,
          open: (rest, until) =>
            client.send({ method: 'GET', object, headers: rangeHeader(rest), signal: until }, async (answer) => {
              requireRange(answer, rest, location)
              return answer
            }),
          endsEarly: (actualBytes) => endsEarly(location, range.end, actualBytes),
          changed: () => changed(location),
          inOurWords: (error) => inOurWords(error, dialect, askedOf(location, object)),
          signal,
        }),
      )
    },

    sizeBytes: (location, { signal } = {}) => on(location, (object) => sizeOf(object, location, signal)),

    writeNew: (location, bytes) => on(location, (object) => upload(object, bytesSource(bytes))),

    async importFile(localPath, location) {
      await on(location, (object) => withFileSource(localPath, (source) => upload(object, source)))
      await rm(localPath, { force: true })
    },

    async listNames(folder, { limit, signal }) {
      const names: string[] = []
      for await (const page of pagesOf(folder, { isShallow: true, signal })) {
        names.push(...page)
        if (names.length > limit) throw tooMany(folder, limit)
      }
      return names
    },

    async hasFiles(location) {
      for await (const page of pagesOf(location, { isShallow: false, most: PROBED_KEYS })) {
        if (page.length > 0) return true
      }
      return false
    },

    remove: (location) =>
      on(location, async (object) => {
        try {
          await client.send({ method: 'DELETE', object }, (answer) => textOf(client, answer))
        } catch (error) {
          if (!(error instanceof Refusal && error.code === missingCode)) throw error
        }
      }),

    async removeEmptyFolder(location) {
      objectOf(location)
      return false
    },
  }
}

function rangeHeader({ start, end }: ByteRange): { range: string } {
  return { range: `bytes=${start}-${end - 1}` }
}

/** A body that ends where the connection does may be any part of one. */
function requireWhole(answer: IncomingMessage, location: string): void {
  const tellsItsEnd = contentLength(answer) !== null || answer.headers['transfer-encoding'] === 'chunked'
  if (answer.statusCode === 200 && tellsItsEnd) return
  answer.destroy()
  throw otherBytes(location)
}

/**
 * A store gives what there is of a range, which is less at the end of the object, and one that knows no ranges gives
 * all of it.
 */
function requireRange(answer: IncomingMessage, range: ByteRange, location: string): void {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(answer.headers['content-range'] ?? '') ?? []
  if (answer.statusCode === 206 && Number(first) === range.start && Number(last) === range.end - 1) return
  if (answer.statusCode === 200 && range.start === 0 && contentLength(answer) === range.end) return
  answer.destroy()
  const isShort = answer.statusCode === 206 && Number(first) === range.start && Number(last) < range.end - 1
  if (isShort) throw endsEarly(location, range.end, total === '*' ? Number(last) + 1 : Number(total))
  throw otherBytes(location)
}

function otherBytes(location: string): AppError {
  return new AppError('storage-unavailable', 'The storage answered with other bytes than it was asked for.', {
    facts: { location },
  })
}

function otherNames(location: string): AppError {
  return new AppError('storage-unavailable', 'The storage lists what is not in the folder it was asked for.', {
    facts: { location },
  })
}

function tooLarge(location: string, bytes: number | null, maxBytes: number): AppError {
  return new AppError(
    'too-large',
    `Reading this file would take ${bytes ?? 'more'} bytes of memory; ${maxBytes} are allowed.`,
    { facts: { location, bytes, maxBytes } },
  )
}

function tooMany(folder: string, limit: number): AppError {
  return new AppError('too-large', `This folder has more than ${limit} files.`, { facts: { location: folder, limit } })
}

function neverEnds(location: string): AppError {
  return new AppError('storage-unavailable', 'The storage lists this folder again and again and comes to no end.', {
    facts: { location },
  })
}

function endsEarly(location: string, expectedBytes: number, actualBytes: number): AppError {
  return new AppError('file-damaged', `The file ends at byte ${actualBytes}; ${expectedBytes} were expected.`, {
    facts: { location, expectedBytes, actualBytes },
  })
}

function changed(location: string): AppError {
  return new AppError('file-damaged', 'The file was replaced by another while it was read.', { facts: { location } })
}

function noLength(location: string): AppError {
  return new AppError('storage-unavailable', 'The storage does not say how long the file is.', { facts: { location } })
}
