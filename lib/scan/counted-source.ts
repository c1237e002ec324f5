import pMap from 'p-map'
import type { ByteSource } from '@/lib/parquet/byte-source'

/** Bytes and number of requests, over all files of a scan. */
export type ReadTally = { bytesRead: number; requests: number }

export type Span = { start: number; end: number }

/** Largest gap between two ranges that is read along to save a request. */
const MAX_GAP_BYTES = 4 * 1024
/** Maximum size of one request. */
const MAX_REQUEST_BYTES = 8 * 1024 * 1024
const MAX_PARALLEL_REQUESTS = 6
const MAX_TAIL_BYTES = 64 * 1024

/**
 * A source that counts its reads, merges those close together, and limits how many run at once. The end of the file,
 * read for its footer, is cached and not read twice.
 */
export class CountedSource implements ByteSource {
  readonly name: string
  readonly #source: ByteSource
  readonly #tally: ReadTally
  #tail: { start: number; bytes: Uint8Array } | null = null

  constructor(source: ByteSource, tally: ReadTally) {
    this.name = source.name
    this.#source = source
    this.#tally = tally
  }

  /** The same file and cached end, with a tally of its own. */
  withTally(tally: ReadTally): CountedSource {
    const other = new CountedSource(this.#source, tally)
    other.#tail = this.#tail
    return other
  }

  get byteLength(): number {
    return this.#source.byteLength
  }

  /** The position from which the end of the file is cached; its length if it is not. */
  get cachedFrom(): number {
    return this.#tail?.start ?? this.byteLength
  }

  async readEnd(lengthBytes: number, signal?: AbortSignal): Promise<Uint8Array> {
    const source = this.#source
    if (!source.readEnd)
      return await this.#request(Math.max(0, source.byteLength - lengthBytes), source.byteLength, signal)
    this.#tally.requests += 1
    const bytes = await source.readEnd(lengthBytes, signal)
    this.#tally.bytesRead += bytes.length
    this.#cacheTail(source.byteLength - bytes.length, bytes)
    return bytes
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    const tail = this.#tail
    if (!tail || end <= tail.start) return await this.#request(start, end, signal)
    const cached = tail.bytes.subarray(Math.max(0, start - tail.start), end - tail.start)
    if (start >= tail.start) return cached
    const head = await this.#request(start, tail.start, signal)
    const whole = new Uint8Array(end - start)
    whole.set(head)
    whole.set(cached, head.length)
    return whole
  }

  /** Reads ranges with as few requests as is sensible. The results are in the order of `spans`. */
  async readSpans(spans: readonly Span[], signal?: AbortSignal): Promise<Uint8Array[]> {
    const merged = joinSpans(spans.filter((span) => span.end > span.start))
    const results = new Map<Span, Uint8Array>()
    await pMap(
      merged,
      async (range) => {
        results.set(range, await this.read(range.start, range.end, signal))
      },
      { concurrency: MAX_PARALLEL_REQUESTS },
    )
    return spans.map((span) => {
      const range = merged.find((candidate) => candidate.start <= span.start && candidate.end >= span.end)
      const bytes = range && results.get(range)
      return range && bytes ? bytes.subarray(span.start - range.start, span.end - range.start) : new Uint8Array(0)
    })
  }

  async #request(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    this.#tally.requests += 1
    this.#tally.bytesRead += end - start
    const bytes = await this.#source.read(start, end, signal)
    if (end === this.byteLength) this.#cacheTail(start, bytes)
    return bytes
  }

  #cacheTail(start: number, bytes: Uint8Array): void {
    if (bytes.length <= MAX_TAIL_BYTES) this.#tail = { start, bytes }
  }
}

/** The ranges that are requested for some ranges, in the order of the file. */
export function joinSpans(spans: readonly Span[]): Span[] {
  const merged: Span[] = []
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    const isClose = last && span.start - last.end <= MAX_GAP_BYTES
    if (last && isClose && (span.end <= last.end || span.end - last.start <= MAX_REQUEST_BYTES)) {
      last.end = Math.max(last.end, span.end)
    } else merged.push({ ...span })
  }
  return merged
}
