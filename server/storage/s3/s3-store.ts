import 'server-only'
import { rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { AppError } from '@/lib/errors'
import { s3ObjectOf } from '../location-gate'
import { type ByteRange, MAX_READ_BYTES, type ObjectStore } from '../object-store'
import type { S3Access } from '../storage-access'
import { bytesOf, contentLength } from './http-exchange'
import type { ObjectRef } from './object-url'
import { objectStream } from './object-stream'
import { s3Client, type S3Timing } from './s3-client'
import { inOurWords, S3Refusal, translated } from './s3-errors'
import { listingOf } from './s3-xml'
import { bytesSource, withFileSource } from './source'
import { uploader } from './upload'

/** Of one answer: at most 1,000 keys of 1,024 characters, and what is said of each. */
const MAX_LISTING_BYTES = 4 * 1024 * 1024

/** Sizes from which a test shows what takes large files otherwise. */
export type S3StoreOptions = S3Timing & { partBytes?: number; largestWholeBytes?: number }

/**
 * An S3-compatible store. New objects never replace others (see `upload`); reads are of exactly the bytes asked for.
 * What a store may do to overload, silence and lost answers is borne by trying again (see `s3-client`).
 */
export function s3Store(
  access: S3Access,
  { partBytes, largestWholeBytes, ...timing }: S3StoreOptions = {},
): ObjectStore {
  const { roots } = access
  const client = s3Client(access, timing)
  const upload = uploader(client, partBytes, largestWholeBytes)

  /** Runs work on the object a location names, once the gate let it through. */
  async function on<Result>(location: string, work: (object: ObjectRef) => Promise<Result>): Promise<Result> {
    const object = s3ObjectOf(location, roots)
    if (object.key === '') {
      throw new AppError('file-missing', 'There is a bucket at this location, not a file.', { facts: { location } })
    }
    return translated({ location, bucket: object.bucket, host: client.host }, () => work(object))
  }

  function sizeOf(object: ObjectRef, location: string, signal?: AbortSignal): Promise<number> {
    return client.send({ method: 'HEAD', object, signal }, async (answer) => {
      await bytesOf(answer, 0, client.silenceMs)
      const sizeBytes = contentLength(answer)
      if (sizeBytes === null) throw noLength(location)
      return sizeBytes
    })
  }

  /** The bucket a folder is in, and what the keys of its objects begin with. */
  function folderOf(location: string): { object: ObjectRef; prefix: string } {
    const { bucket, key } = s3ObjectOf(location, roots)
    const folder = key.replace(/\/+$/, '')
    return { object: { bucket, key: '' }, prefix: folder === '' ? '' : `${folder}/` }
  }

  function list(location: string, object: ObjectRef, asked: Readonly<Record<string, string>>, signal?: AbortSignal) {
    const query = { 'list-type': '2', ...asked }
    return translated({ location, bucket: object.bucket, host: client.host }, () =>
      client.send({ method: 'GET', object, query, signal }, async (answer) => {
        const bytes = await bytesOf(answer, MAX_LISTING_BYTES, client.silenceMs)
        return listingOf(new TextDecoder().decode(bytes ?? undefined))
      }),
    )
  }

  return {
    checkLocation(location) {
      s3ObjectOf(location, roots)
    },

    async read(location, { range, maxBytes = MAX_READ_BYTES, signal } = {}) {
      return on(location, async (object) => {
        if (!range) {
          return client.send({ method: 'GET', object, signal }, async (answer) => {
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
          open: (rest) =>
            client.send({ method: 'GET', object, headers: rangeHeader(rest), signal }, async (answer) => {
              requireRange(answer, rest, location)
              return answer
            }),
          endsEarly: (actualBytes) => endsEarly(location, range.end, actualBytes),
          inOurWords: (error) => inOurWords(error, { location, bucket: object.bucket, host: client.host }),
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
      const { object, prefix } = folderOf(folder)
      const names: string[] = []
      let next: string | null = null
      do {
        const more: Record<string, string> = next === null ? {} : { 'continuation-token': next }
        const listing = await list(folder, object, { delimiter: '/', prefix, ...more }, signal)
        names.push(...listing.keys.filter((key) => key !== prefix).map((key) => key.slice(prefix.length)))
        if (names.length > limit) throw tooMany(folder, limit)
        next = listing.next
      } while (next !== null)
      return names
    },

    async hasFiles(location) {
      const { object, prefix } = folderOf(location)
      // Two, since the first may be the empty object that some tools put in a folder's place.
      const { keys } = await list(location, object, { 'max-keys': '2', prefix })
      return keys.some((key) => key !== prefix)
    },

    remove: (location) =>
      on(location, async (object) => {
        try {
          await client.send({ method: 'DELETE', object }, (answer) =>
            bytesOf(answer, MAX_LISTING_BYTES, client.silenceMs),
          )
        } catch (error) {
          if (!(error instanceof S3Refusal && error.code === 'NoSuchKey')) throw error
        }
      }),
  }
}

function rangeHeader({ start, end }: ByteRange): { range: string } {
  return { range: `bytes=${start}-${end - 1}` }
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

function endsEarly(location: string, expectedBytes: number, actualBytes: number): AppError {
  return new AppError('file-damaged', `The file ends at byte ${actualBytes}; ${expectedBytes} were expected.`, {
    facts: { location, expectedBytes, actualBytes },
  })
}

function noLength(location: string): AppError {
  return new AppError('storage-unavailable', 'The storage does not say how long the file is.', { facts: { location } })
}
