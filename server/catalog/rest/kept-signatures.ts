import 'server-only'
import type { IncomingHttpHeaders } from 'node:http'
import { KeptByBytes } from '@/lib/kept-by-bytes'
import type { S3Signer } from '@/server/storage/storage-access'

export type Signing = Parameters<S3Signer>[0]
export type Signed = Awaited<ReturnType<S3Signer>>

/**
 * Signatures of reads that the catalog allows to be used again, for one client: another may be somebody who is not
 * allowed what was signed (apache/iceberg#17801). A request may use one when it is the same in all that was signed
 * (apache/iceberg#15166); what was not, as most often its range, may differ.
 *
 * Spec: REST `open-api`, response `RemoteSignResponse`, header `Cache-Control`.
 */
export class KeptSignatures {
  readonly #nowMs: () => number
  readonly #kept = new KeptByBytes<Kept>({ maxBytes: 1024 * 1024, maxCount: 500 })

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  find(signer: URL, asked: Signing): Signed | null {
    const kept = this.#kept.get(keyOf(signer, asked))
    if (!kept || this.#nowMs() >= kept.untilMs) return null
    const isSame = kept.signedNames.every((name) => valueOf(kept.asked, name) === valueOf(asked, name))
    return isSame ? kept.signed : null
  }

  /** @param headers of the answer */
  keep(signer: URL, asked: Signing, signed: Signed, headers: IncomingHttpHeaders): void {
    const lifetimeMs = lifetimeMsOf(headers['cache-control'])
    const signedNames = signedNamesOf(signed)
    if (!READS.has(asked.method) || lifetimeMs === null || signedNames === null) return
    // What was sent unsigned is each request's own.
    const kept = Object.entries(signed.headers).filter(([name]) => {
      const lower = name.toLowerCase()
      return signedNames.includes(lower) || !Object.hasOwn(asked.headers, lower)
    })
    const value = { ...signed, headers: Object.fromEntries(kept) }
    const bytes = JSON.stringify([asked, value]).length
    this.#kept.set(
      keyOf(signer, asked),
      { asked, signed: value, signedNames, untilMs: this.#nowMs() + lifetimeMs },
      bytes,
    )
  }
}

type Kept = { asked: Signing; signed: Signed; signedNames: readonly string[]; untilMs: number }

const READS = new Set(['GET', 'HEAD'])
/** Of Iceberg's `S3V4RestSignerClient`; S3 takes a signature for 15 minutes. */
const LONGEST_LIFETIME_MS = 30_000

function keyOf(signer: URL, { method, region, url }: Signing): string {
  return JSON.stringify([signer.href, method, region, url])
}

/** Null where the answer may not be kept, which it may not unless it says so. */
function lifetimeMsOf(cacheControl: string | undefined): number | null {
  const directives = (cacheControl ?? '')
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim())
  if (!directives.includes('private') || directives.some((one) => /^no-(cache|store)/.test(one))) return null
  const [, seconds] = /^max-age=(\d{1,9})$/.exec(directives.find((one) => one.startsWith('max-age=')) ?? '') ?? []
  return seconds === undefined ? LONGEST_LIFETIME_MS : Math.min(LONGEST_LIFETIME_MS, Number(seconds) * 1000)
}

/** Null where nobody can tell: a signature of another kind. */
function signedNamesOf({ headers }: Signed): string[] | null {
  const [, authorization] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization') ?? []
  const [, names] = /\bSignedHeaders=([^,\s]+)/.exec(authorization?.join(',') ?? '') ?? []
  return names === undefined ? null : names.toLowerCase().split(';')
}

function valueOf({ headers }: Signing, name: string): string | undefined {
  return headers[name]?.join(',')
}
