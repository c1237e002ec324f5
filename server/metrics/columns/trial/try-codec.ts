import 'server-only'
import { setImmediate } from 'node:timers/promises'
import type { CodecTrial } from '@/lib/contract/table/compression'
import type { CompressionCodec } from '@/lib/iceberg/properties/compression'
import { decompress } from '@/lib/parquet/decompress'
import { sum } from '@/lib/sum'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { toWrittenCodec, type WrittenCodec } from '@/server/parquet/transcode/column-layout'
import { pageCompressors } from '@/server/parquet/transcode/page-compressors'
import { encodePageHeader, type PlainPage } from '@/server/parquet/transcode/page-queue'
import { clock } from '@/server/timing/clock'
import { estimateChange, type WeighedPage } from './estimate-change'
import type { PageSample } from './sample-pages'

/** A trial with the turns of its pages. */
type TriedCodec = CodecTrial & { turns: NonNullable<CodecTrial['turns']> }

export type Candidate = { codec: CompressionCodec; level: number | null }

/** Candidates in addition to the codec that is set. */
export const CANDIDATES: readonly Candidate[] = [
  { codec: 'uncompressed', level: null },
  { codec: 'snappy', level: null },
  { codec: 'lz4', level: null },
  { codec: 'gzip', level: 6 },
  { codec: 'brotli', level: 5 },
  { codec: 'zstd', level: 1 },
  { codec: 'zstd', level: 3 },
  { codec: 'zstd', level: 9 },
  { codec: 'zstd', level: 15 },
]

/** A candidate that takes longer stops; its figures are of the pages before. */
const MAX_TRIAL_MS = 8_000
/** How often a page is compressed and decompressed: seldom when all turns together take long. */
const MAX_TURNS = 7
const MIN_TURNS = 3
const MAX_REPEATED_MS = 20
/** The share of turns that are as fast as the slow end of a speed, or faster: single ones are held up for any time. */
const SLOW_SHARE = 0.75
/** Time of a candidate after which each page has one turn: its size matters more than another measurement. */
const MAX_REPEATING_MS = MAX_TRIAL_MS / 2

/** Compresses pages with a codec, decompresses them again and checks that they are the same. */
export async function tryCodec(
  { pages, isComplete }: Pick<PageSample, 'pages' | 'isComplete'>,
  { codec, level }: Candidate,
  { signal, maxMs = MAX_TRIAL_MS }: { signal: AbortSignal; maxMs?: number },
): Promise<TriedCodec> {
  const written = toWrittenCodec(codec)
  const measured = { encodedBytes: 0, storedBytes: 0, encodeMs: 0, decodeMs: 0 }
  const turns = { encodedBytes: 0, encodeMs: 0, decodeMs: 0 }
  const weighed: WeighedPage[] = []
  let spentMs = 0
  for (const { parts, partWeight, storedBytes, overheadBytes, weight } of pages) {
    // Between pages the worker renews its lease.
    await setImmediate()
    signal.throwIfAborted()
    if (spentMs > maxMs) break
    const minTurns = spentMs > MAX_REPEATING_MS ? 1 : MIN_TURNS
    const encoded = await measure(minTurns, () => compressParts(parts, { codec: written, level }))
    const stored = encoded.result
    const decoded = await measure(minTurns, () =>
      stored.map(({ part, bytes }) => decompress({ codec: written, codecs: pageCodecs }, bytes, part.body.length)),
    )
    if (decoded.result.some((plain, i) => Buffer.compare(plain, stored[i]?.part.body ?? plain) !== 0)) {
      throw new Error(`${codec} did not return the bytes of a page`)
    }
    const encodedBytes = sum(parts.map(({ body }) => body.length))
    measured.encodedBytes += encodedBytes
    measured.storedBytes += sum(stored.map(({ bytes }) => bytes.length))
    // A single turn is not a measurement of a speed. The first page always has several.
    if (minTurns === MIN_TURNS) {
      measured.encodeMs += encoded.ms
      measured.decodeMs += decoded.ms
      turns.encodedBytes += encodedBytes
      turns.encodeMs += encoded.slowMs
      turns.decodeMs += decoded.slowMs
    }
    weighed.push({
      nowBytes: weight * (overheadBytes + storedBytes),
      triedBytes: weight * partWeight * sum(stored.map(writtenBytes)),
    })
    spentMs += encoded.spentMs + decoded.spentMs
  }
  return { codec, level, ...measured, turns, ...estimateChange(weighed, isComplete && weighed.length === pages.length) }
}

type CompressedPart = { part: PlainPage; bytes: Uint8Array }

async function compressParts(
  parts: readonly PlainPage[],
  { codec, level }: { codec: WrittenCodec; level: number | null },
): Promise<CompressedPart[]> {
  const compressed: CompressedPart[] = []
  for (const part of parts) {
    const { body } = part
    compressed.push({
      part,
      bytes: codec === 'uncompressed' ? Uint8Array.from(body) : await pageCompressors[codec](body, level),
    })
  }
  return compressed
}

/** With the header, and levels that no codec compresses. */
function writtenBytes({ part, bytes }: CompressedPart): number {
  return encodePageHeader(part, bytes).length + part.levels.length + bytes.length
}

type Measured<Result> = { result: Result; ms: number; slowMs: number; spentMs: number }

/**
 * Measures work in turns.
 *
 * @returns `ms`: the shortest turn, because other work on the machine only adds to it, and can add a thousandfold to one
 *   of them; `slowMs`: three of four turns took no longer; `spentMs`: all of them together
 */
export async function measure<Result>(
  minTurns: number,
  work: () => Result | Promise<Result>,
): Promise<Measured<Result>> {
  let spentMs = 0
  const turnsMs: number[] = []
  for (let turn = 1; ; turn += 1) {
    const startMs = clock.elapsedMs()
    const result = await work()
    const turnMs = clock.elapsedMs() - startMs
    spentMs += turnMs
    turnsMs.push(turnMs)
    if (turn === MAX_TURNS || (turn >= minTurns && spentMs > MAX_REPEATED_MS)) {
      const sorted = turnsMs.toSorted((a, b) => a - b)
      const ms = sorted[0] ?? 0
      return { result, ms, slowMs: sorted[Math.ceil(SLOW_SHARE * turn) - 1] ?? ms, spentMs }
    }
  }
}
