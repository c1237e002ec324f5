import 'server-only'
import type { IncomingMessage } from 'node:http'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { findLoadHost, type LoadHost } from '@/server/config/load-hosts'
import type { Config } from '@/server/config/config'
import { hasErrorCode } from '@/server/error-code'
import { contentLength, readChunks, sendRequest } from '@/server/http-out/send-request'
import { clock } from '@/server/timing/clock'

export type UrlServices = { config: Pick<Config, 'loadHosts' | 'uploads'> }

/** The description of a file by its server, apart from its bytes. */
export type UrlVersion = { etag: string | null; lastModified: string | null; sizeBytes: number | null }

/** A file that a server is about to send. */
export type OpenedUrl = { version: UrlVersion; stream(): AsyncGenerator<Uint8Array>; close(): void }

const MAX_REDIRECTS = 5
/** A server that sends bytes all the time, but slowly. */
const MAX_FETCH_MS = 6 * 60 * 60 * 1000
const MAX_VALIDATOR_CHARS = 500
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/**
 * The URL of a file that a load may read.
 *
 * @throws {AppError} invalid-request for a text that is no URL, or has a user name or a password; location-refused for a
 *   host, a port or a protocol that the operator does not allow
 */
export function requireLoadUrl(hosts: readonly LoadHost[], text: string): URL {
  if (!URL.canParse(text))
    throw new AppError('invalid-request', 'The text is no URL, such as https://data.example.org/a.csv.')
  const url = new URL(text)
  if (url.username !== '' || url.password !== '')
    throw new AppError(
      'invalid-request',
      'The URL has a user name or a password. They would be stored with the load: use a URL without them.',
    )
  requireAllowed(hosts, url)
  url.hash = ''
  return url
}

/** @throws {AppError} location-refused */
function requireAllowed(hosts: readonly LoadHost[], url: URL): LoadHost {
  const host = findLoadHost(hosts, url)
  if (host !== null) return host
  throw new AppError(
    'location-refused',
    `Files of ${url.protocol}//${url.host} cannot be loaded. The operator of Lakeshore names hosts in LAKESHORE_LOAD_HOSTS.`,
    { facts: { host: url.host } },
  )
}

/** The name of the file: the last part of its path. */
export function urlFileName({ hostname, pathname }: URL): string {
  const last = pathname.slice(pathname.lastIndexOf('/') + 1)
  return last === '' ? hostname : decodeName(last)
}

const MAX_NAME_CHARS = 255
// oxlint-disable-next-line no-control-regex
const UNUSABLE_CHARS = /[/\\\u0000-\u001f\u007f]/g

function decodeName(text: string): string {
  let name = text
  try {
    name = decodeURIComponent(text)
  } catch (error) {
    // Percent signs may mean something else.
    if (!(error instanceof URIError)) throw error
  }
  return name.replaceAll(UNUSABLE_CHARS, '_').slice(-MAX_NAME_CHARS)
}

/**
 * Requests a file. A redirect is followed only to another allowed host; the addresses of a host that is not private must be
 * outside of the network, which is checked when the connection is opened.
 *
 * @param method HEAD: the response has no bytes
 * @throws {AppError} location-refused, forbidden; file-missing; invalid-request for another status; storage-unavailable
 */
export async function openUrl(
  { config: { loadHosts, uploads } }: UrlServices,
  url: URL,
  { method = 'GET', signal: outerSignal }: { method?: 'GET' | 'HEAD'; signal: AbortSignal },
): Promise<OpenedUrl> {
  const signal = AbortSignal.any([outerSignal, clock.deadline(MAX_FETCH_MS)])
  const translate = (error: unknown) => translateError(error, url, { signal, outerSignal })
  try {
    const response = await follow(loadHosts, url, { method, signal })
    const version = readVersion(response)
    return {
      version,
      close: () => response.destroy(),
      async *stream() {
        try {
          yield* limitChunks(response, { url, sizeBytes: version.sizeBytes, maxBytes: uploads.maxBytes })
        } catch (error) {
          throw translate(error)
        } finally {
          response.destroy()
        }
      },
    }
  } catch (error) {
    throw translate(error)
  }
}

async function follow(
  hosts: readonly LoadHost[],
  first: URL,
  { method, signal }: { method: string; signal: AbortSignal },
): Promise<IncomingMessage> {
  let url = first
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const { isPrivate } = requireAllowed(hosts, url)
    const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'Lakeshore' }
    const response = await sendRequest({ method, url, headers }, { reach: isPrivate ? 'anywhere' : 'outside', signal })
    const status = response.statusCode ?? 0
    if (status === 200) return requireReadable(response, url)
    const { location } = response.headers
    response.destroy()
    if (!REDIRECTS.has(status) || location === undefined) throw statusError(url, status)
    url = requireRedirect(hosts, url, location)
  }
  throw new AppError('invalid-request', `${first.host} redirects more than ${MAX_REDIRECTS} times. Use the last URL.`)
}

function requireRedirect(hosts: readonly LoadHost[], from: URL, location: string): URL {
  if (!URL.canParse(location, from)) throw new AppError('invalid-request', `${from.host} redirects to no URL.`)
  return requireLoadUrl(hosts, new URL(location, from).href)
}

/** Bytes that a server compressed for the way are those of another file, unless they are those of a gzip file. */
function requireReadable(response: IncomingMessage, { host }: URL): IncomingMessage {
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding === 'identity' || encoding === 'gzip' || encoding === 'x-gzip' || encoding === '') return response
  response.destroy()
  throw new AppError('not-supported', `${host} sends the file with the encoding ${encoding}, which is not supported.`)
}

function readVersion(response: IncomingMessage): UrlVersion {
  const { etag, 'last-modified': lastModified } = response.headers
  return { etag: toValidator(etag), lastModified: toValidator(lastModified), sizeBytes: contentLength(response) }
}

function toValidator(text: string | undefined): string | null {
  return text === undefined || text === '' || text.length > MAX_VALIDATOR_CHARS ? null : text
}

/** A text that is the same for the same version, as far as the server tells versions apart. */
export function urlVersionText({ etag, lastModified, sizeBytes }: UrlVersion): string {
  return JSON.stringify([etag, lastModified, sizeBytes])
}

/**
 * Whether two responses can be about the same version. An entity tag decides alone, because some servers answer HEAD with
 * another length; what one of the responses leaves out is not compared.
 */
export function mightBeSameVersion(one: UrlVersion, other: UrlVersion): boolean {
  if (one.etag !== null && other.etag !== null) return one.etag === other.etag
  const fields = ['lastModified', 'sizeBytes'] as const
  return fields.every((field) => one[field] === null || other[field] === null || one[field] === other[field])
}

async function* limitChunks(
  response: IncomingMessage,
  { url, sizeBytes, maxBytes }: { url: URL; sizeBytes: number | null; maxBytes: number },
): AsyncGenerator<Uint8Array> {
  const file = urlFileName(url)
  if (sizeBytes !== null && sizeBytes > maxBytes) throw tooLargeError(file, maxBytes)
  let receivedBytes = 0
  for await (const chunk of readChunks(response)) {
    receivedBytes += chunk.length
    if (receivedBytes > maxBytes) throw tooLargeError(file, maxBytes)
    yield chunk
  }
  if (sizeBytes === null || receivedBytes === sizeBytes) return
  throw cutOffError(url, { sizeBytes, receivedBytes })
}

function tooLargeError(file: string, maxBytes: number): AppError {
  return new AppError('too-large', `${file} has more than ${formatBytes(maxBytes)}. Nothing was loaded.`, {
    facts: { file, maxBytes },
  })
}

function cutOffError(url: URL, facts: { sizeBytes: number; receivedBytes: number } | null, cause?: unknown): AppError {
  const file = urlFileName(url)
  return new AppError('storage-unavailable', `${url.host} did not send all of ${file}. Nothing was loaded.`, {
    facts: { file, ...facts },
    cause,
  })
}

function statusError({ host }: URL, status: number): AppError {
  if (status === 404 || status === 410)
    return new AppError('file-missing', `${host} has no such file (${status}).`, { facts: { host, status } })
  if (status >= 500 || status === 429)
    return new AppError('storage-unavailable', `${host} cannot send the file at the moment (${status}).`, {
      facts: { host, status },
    })
  return new AppError('invalid-request', `${host} does not send the file without more (${status}).`, {
    facts: { host, status },
  })
}

/** Errors of Node say nothing about the URL, whose query may be secret. */
function translateError(
  error: unknown,
  url: URL,
  { signal, outerSignal }: { signal: AbortSignal; outerSignal: AbortSignal },
): unknown {
  if (outerSignal.aborted || error instanceof AppError) return error
  if (signal.aborted)
    return new AppError('too-large', `${url.host} needs more than 6 hours to send ${urlFileName(url)}.`, {
      cause: error,
    })
  if (!(error instanceof Error)) return error
  if (hasErrorCode(error, 'ECONNRESET', 'EPIPE')) return cutOffError(url, null, error)
  return new AppError('storage-unavailable', `${url.host} cannot be reached: ${error.message}.`, {
    cause: error,
    facts: { host: url.host },
  })
}
