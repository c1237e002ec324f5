import type { FileFooter } from './file-footer'
import type { PartBytes } from './storage-part'

/** The files of a table whose footers were read, by what wrote them and by the month in which they were committed. */

export const STORAGE_CUTS = ['writer', 'age'] as const
export type StorageCut = (typeof STORAGE_CUTS)[number]

/** Null for another text. */
export function toStorageCut(text: string | null): StorageCut | null {
  return STORAGE_CUTS.find((cut) => cut === text) ?? null
}

/** A data file whose footer was read. */
export type ReadFile = {
  fileBytes: number
  footer: FileFooter
  /** As the file names it; empty: it does not. Null: no one has read it. */
  createdBy: string | null
  /** Null: not known. */
  committedAtMs: number | null
}

/** The files of one writer, as `writerOfFile`, or of one month in UTC, such as `2026-11`. Bytes are those of whole files. */
export type CutBytes = { cut: StorageCut; name: string; bytes: PartBytes }

/** No writer and no month has such a name. */
export const NOT_KNOWN = ''
/** Smaller writers, and months more than two years ago. */
export const OTHERS = ' others'

/** More writers, and older months, are added up. */
export const MAX_WRITERS = 20
export const MAX_MONTHS = 24
const MAX_NAME_CHARS = 100

/** Sums for both cuts. Each covers all the files. */
export function sumCuts(files: Iterable<ReadFile>, nowMs: number): CutBytes[] {
  const writers = new Map<string, PartBytes>()
  const months = new Map<string, PartBytes>()
  const oldest = oldestMonth(nowMs)
  for (const { fileBytes, footer, createdBy, committedAtMs } of files) {
    let bytes = { stored: fileBytes, encoded: 0, plain: 0 }
    for (const { encodedBytes, plainBytes } of footer)
      bytes = { ...bytes, encoded: bytes.encoded + encodedBytes, plain: bytes.plain + plainBytes }
    add(writers, writerOfFile(createdBy ?? ''), bytes)
    const month = committedAtMs === null ? NOT_KNOWN : toMonthName(committedAtMs)
    add(months, month === NOT_KNOWN || month >= oldest ? month : OTHERS, bytes)
  }
  return [...toCut('writer', keepLargest(writers)), ...toCut('age', months)]
}

/** `'parquet-mr 1.15.2'` of a file that was created by `parquet-mr version 1.15.2 (build 859eac1)`. */
export function writerOfFile(createdBy: string): string {
  return createdBy
    .replace(/\(build[^)]*\)?/i, ' ')
    .replace(/\bversion\b/i, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_NAME_CHARS)
}

/** The first of the months that have names. */
export function oldestMonth(nowMs: number): string {
  const now = new Date(nowMs)
  return toMonthName(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - MAX_MONTHS + 1))
}

function toMonthName(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 'yyyy-mm'.length)
}

function keepLargest(writers: ReadonlyMap<string, PartBytes>): Map<string, PartBytes> {
  const named = [...writers]
    .filter(([name]) => name !== NOT_KNOWN)
    .sort(([a, { stored }], [b, other]) => other.stored - stored || (a < b ? -1 : 1))
  const kept = new Map(named.slice(0, MAX_WRITERS))
  const unknown = writers.get(NOT_KNOWN)
  if (unknown) kept.set(NOT_KNOWN, unknown)
  for (const [, bytes] of named.slice(MAX_WRITERS)) add(kept, OTHERS, bytes)
  return kept
}

function add(sums: Map<string, PartBytes>, name: string, { stored, encoded, plain }: PartBytes): void {
  const sum = sums.get(name) ?? { stored: 0, encoded: 0, plain: 0 }
  sums.set(name, { stored: sum.stored + stored, encoded: sum.encoded + encoded, plain: sum.plain + plain })
}

function toCut(cut: StorageCut, sums: ReadonlyMap<string, PartBytes>): CutBytes[] {
  return [...sums].map(([name, bytes]) => ({ cut, name, bytes }))
}
