import 'server-only'
import type { IncomingHttpHeaders } from 'node:http'
import { LRUCache } from 'lru-cache'
import type { S3Signer } from '@/server/locations/storage-access'

export type SignRequest = Parameters<S3Signer>[0]
export type SignedRequest = Awaited<ReturnType<S3Signer>>

/**
 * Caches signatures of reads that the catalog allows to be reused. Each client has its own cache, because another one
 * may belong to a person without the permission (apache/iceberg#17801). A request may reuse a signature when all its
 * signed parts are the same (apache/iceberg#15166). Unsigned parts, most often the range, may differ.
 *
 * Spec: REST `open-api`, response `RemoteSignResponse`, header `Cache-Control`.
 */
export class SignatureCache {
  readonly #nowMs: () => number
  readonly #cache = new LRUCache<string, CachedSignature>({ maxSize: 1024 * 1024, max: 500 })

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  get(signer: URL, request: SignRequest): SignedRequest | null {
    const cached = this.#cache.get(cacheKey(signer, request))
    if (!cached || this.#nowMs() >= cached.untilMs) return null
    const isSame = cached.signedHeaderNames.every(
      (name) => headerValue(cached.request, name) === headerValue(request, name),
    )
    return isSame ? cached.signedRequest : null
  }

  /** @param headers of the catalog's response */
  set(signer: URL, request: SignRequest, signed: SignedRequest, headers: IncomingHttpHeaders): void {
    const lifetimeMs = cacheLifetimeMs(headers['cache-control'])
    const signedHeaderNames = parseSignedHeaderNames(signed)
    if (!READ_METHODS.has(request.method) || lifetimeMs === null || signedHeaderNames === null) return
    // Each request sends its own unsigned headers.
    const reusable = Object.entries(signed.headers).filter(([name]) => {
      const lower = name.toLowerCase()
      return signedHeaderNames.includes(lower) || !Object.hasOwn(request.headers, lower)
    })
    const value = { ...signed, headers: Object.fromEntries(reusable) }
    const bytes = JSON.stringify([request, value]).length
    this.#cache.set(
      cacheKey(signer, request),
      { request, signedRequest: value, signedHeaderNames, untilMs: this.#nowMs() + lifetimeMs },
      { size: bytes },
    )
  }
}

type CachedSignature = {
  request: SignRequest
  signedRequest: SignedRequest
  signedHeaderNames: readonly string[]
  untilMs: number
}

const READ_METHODS = new Set(['GET', 'HEAD'])
/** As in Iceberg's `S3V4RestSignerClient`; S3 accepts a signature for 15 minutes. */
const MAX_LIFETIME_MS = 30_000

function cacheKey(signer: URL, { method, region, url }: SignRequest): string {
  return JSON.stringify([signer.href, method, region, url])
}

/** Returns null when the response may not be cached, which is also the default. */
function cacheLifetimeMs(cacheControl: string | undefined): number | null {
  const directives = (cacheControl ?? '')
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim())
  if (!directives.includes('private') || directives.some((one) => /^no-(cache|store)/.test(one))) return null
  const [, seconds] = /^max-age=(\d{1,9})$/.exec(directives.find((one) => one.startsWith('max-age=')) ?? '') ?? []
  return seconds === undefined ? MAX_LIFETIME_MS : Math.min(MAX_LIFETIME_MS, Number(seconds) * 1000)
}

/** Returns null for a signature of another kind, whose signed headers are unknown. */
function parseSignedHeaderNames({ headers }: SignedRequest): string[] | null {
  const [, authorization] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization') ?? []
  const [, names] = /\bSignedHeaders=([^,\s]+)/.exec(authorization?.join(',') ?? '') ?? []
  return names === undefined ? null : names.toLowerCase().split(';')
}

function headerValue({ headers }: SignRequest, name: string): string | undefined {
  return headers[name]?.join(',')
}
