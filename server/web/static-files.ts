import 'server-only'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import { LRUCache } from 'lru-cache'
import { hasErrorCode } from '@/server/error-code'

/** The bytes of files that stay in memory: the engine, and the scripts, in the two encodings that browsers ask for. */
const MAX_CACHED_BYTES = 64 * 2 ** 20

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=UTF-8',
  '.js': 'text/javascript; charset=UTF-8',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
}

/** Names of encodings in HTTP, and of the copies that `scripts/assets/precompress.ts` makes; the smallest first. */
const ENCODINGS = [
  { encoding: 'br', suffix: '.br' },
  { encoding: 'gzip', suffix: '.gz' },
] as const

export type StaticFolder = {
  /** The address of the folder, such as `/_next/static/`. */
  prefix: string
  folder: string
  /** Whether the names of the files change with their content. */
  isImmutable: boolean
}

type StaticFile = {
  file: string
  /** Those in which a copy of the file exists. */
  encodings: readonly (typeof ENCODINGS)[number][]
  contentType: string
  etag: string
  lastModified: string
  isImmutable: boolean
}

/**
 * The scripts, styles and WebAssembly that every browser loads, from the compressed copies of the build. Next compresses
 * them for each request, which takes two seconds for the engine. Only files that exist when the process starts are
 * served; Next handles all other addresses, and those of files that have been removed since.
 */
export class StaticFiles {
  readonly #files: ReadonlyMap<string, StaticFile>
  readonly #bytes = new LRUCache<string, Buffer>({
    maxSize: MAX_CACHED_BYTES,
    sizeCalculation: ({ byteLength }) => Math.max(byteLength, 1),
  })

  /** Lists the folders once; one that does not exist has no files. */
  constructor(folders: readonly StaticFolder[]) {
    this.#files = new Map(folders.flatMap(listFiles))
  }

  /** Answers GET and HEAD for one of the files. @returns false, with nothing written, when Next should handle it */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const file = this.#files.get(request.url?.split('?')[0] ?? '')
    // A part of a file is not worth a rule of its own: no page asks for one.
    if (!file || request.headers.range !== undefined) return false
    const stored = await this.#read(file, request.headers['accept-encoding'])
    if (!stored) return false
    response.setHeader('Cache-Control', file.isImmutable ? 'public, max-age=31536000, immutable' : 'public, max-age=0')
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
    response.setHeader('ETag', file.etag)
    response.setHeader('Last-Modified', file.lastModified)
    response.setHeader('Vary', 'Accept-Encoding')
    response.setHeader('X-Content-Type-Options', 'nosniff')
    if (isUnchanged(request.headers, file)) {
      response.writeHead(304).end()
      return true
    }
    response.setHeader('Content-Type', file.contentType)
    if (stored.encoding) response.setHeader('Content-Encoding', stored.encoding)
    response.setHeader('Content-Length', stored.bytes.byteLength)
    response.writeHead(200).end(request.method === 'HEAD' ? undefined : stored.bytes)
    return true
  }

  /** The smallest copy that the browser accepts; null when it was removed, as by a build next to this process. */
  async #read(
    { file, encodings }: StaticFile,
    accepted = '',
  ): Promise<{ bytes: Buffer; encoding: string | null } | null> {
    const chosen = encodings.find(({ encoding }) => isAccepted(accepted, encoding))
    const stored = file + (chosen?.suffix ?? '')
    try {
      const bytes = this.#bytes.get(stored) ?? (await readFile(stored))
      this.#bytes.set(stored, bytes)
      return { bytes, encoding: chosen?.encoding ?? null }
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT')) return null
      throw error
    }
  }
}

function listFiles({ prefix, folder, isImmutable }: StaticFolder): [string, StaticFile][] {
  const root = statSync(folder, { throwIfNoEntry: false })
  if (!root) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name): [string, StaticFile][] => {
    const contentType = CONTENT_TYPES[path.extname(name)]
    if (contentType === undefined) return []
    const file = path.join(folder, name)
    const { size, mtime } = statSync(file)
    const encodings = ENCODINGS.filter(({ suffix }) => existsSync(file + suffix))
    const etag = `W/"${size.toString(16)}-${mtime.getTime().toString(16)}"`
    const address = prefix + name.split(path.sep).map(encodeURIComponent).join('/')
    return [[address, { file, encodings, contentType, etag, lastModified: mtime.toUTCString(), isImmutable }]]
  })
}

/** RFC 9110, section 12.5.3: an encoding with the weight 0 is not accepted. */
function isAccepted(accepted: string, encoding: string): boolean {
  return accepted.split(',').some((entry) => {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase())
    return name === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })
}

/** RFC 9110, section 13.2.2: the tag decides when both conditions are given. */
function isUnchanged(headers: IncomingHttpHeaders, { etag, lastModified }: StaticFile): boolean {
  const { 'if-none-match': tags, 'if-modified-since': since } = headers
  if (tags !== undefined) return tags.split(',').some((tag) => tag.trim() === etag || tag.trim() === '*')
  return since === lastModified
}
