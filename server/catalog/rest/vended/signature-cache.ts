import 'server-only'
import type { IncomingHttpHeaders } from 'node:http'
import { LRUCache } from 'lru-cache'
import type { S3Signer } from '@/server/storage/storage-access'

export type SignRequest = Parameters<S3Signer>[0]
export type SignedRequest = Awaited<ReturnType<S3Signer>>

/**
 * Signatures of reads that the catalog allows to be used again, for one client: another may be somebody who is not
 * allowed what was signed (apache/iceberg#17801). A request may use one when it is the same in all that was signed
 * (apache/iceberg#15166); what was not, as most often its range, may differ.
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

  /** @param headers of the answer */
  set(signer: URL, request: SignRequest, signed: SignedRequest, headers: IncomingHttpHeaders): void {
    const lifetimeMs = cacheLifetimeMs(headers['cache-control'])
    const signedHeaderNames = parseSignedHeaderNames(signed)
    if (!READ_METHODS.has(request.method) || lifetimeMs === null || signedHeaderNames === null) return
    // What was sent unsigned is each request's own.
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
/** Of Iceberg's `S3V4RestSignerClient`; S3 takes a signature for 15 minutes. */
const MAX_LIFETIME_MS = 30_000

function cacheKey(signer: URL, { method, region, url }: SignRequest): string {
  return JSON.stringify([signer.href, method, region, url])
}

/** Null where the answer may not be kept, which it may not unless it says so. */
function cacheLifetimeMs(cacheControl: string | undefined): number | null {
  const directives = (cacheControl ?? '')
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim())
  if (!directives.includes('private') || directives.some((one) => /^no-(cache|store)/.test(one))) return null
  const [, seconds] = /^max-age=(\d{1,9})$/.exec(directives.find((one) => one.startsWith('max-age=')) ?? '') ?? []
  return seconds === undefined ? MAX_LIFETIME_MS : Math.min(MAX_LIFETIME_MS, Number(seconds) * 1000)
}

/** Null where nobody can tell: a signature of another kind. */
function parseSignedHeaderNames({ headers }: SignedRequest): string[] | null {
  const [, authorization] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization') ?? []
  const [, names] = /\bSignedHeaders=([^,\s]+)/.exec(authorization?.join(',') ?? '') ?? []
  return names === undefined ? null : names.toLowerCase().split(';')
}

function headerValue({ headers }: SignRequest, name: string): string | undefined {
  return headers[name]?.join(',')
}
