import type { TableCompression } from '@/lib/contract/dashboards'
import type { FileCoverage } from '@/lib/contract/shapes/lake'
import { sum } from '@/lib/sum'

/** A fixed order, so that each codec keeps its colour; `uncompressed` is Iceberg's term. */
const CODEC_ORDER = ['zstd', 'snappy', 'gzip', 'lz4', 'brotli', 'uncompressed']

/** Label of tables that set no codec, so that their writers choose one. */
export const NOT_SET = 'not set'

export function codecColour(codec: string): string {
  const index = CODEC_ORDER.indexOf(codec)
  return index < 0 ? 'var(--c0)' : `var(--c${index + 1})`
}

export type MatrixRow = {
  set: string
  tableCount: number
  /** Stored bytes by codec. */
  written: ReadonlyMap<string, number>
  totalBytes: number
  /** The files of these tables. */
  files: FileCoverage
}

export type CodecMatrix = {
  codecs: string[]
  rows: MatrixRow[]
  /** Share of stored bytes in the set codec, over tables that set one, 0 to 1; null when no table sets a codec. */
  asSetShare: number | null
}

/** Compares the set codec with the written codecs, in stored bytes. */
export function codecMatrix(
  tables: readonly Pick<TableCompression, 'configuredCodec' | 'codecs' | 'fileCount' | 'unknownCount'>[],
): CodecMatrix {
  const rows = new Map<string, Pick<MatrixRow, 'tableCount' | 'files'> & { written: Map<string, number> }>()
  for (const { configuredCodec, codecs, fileCount, unknownCount } of tables) {
    const set = configuredCodec === null ? NOT_SET : configuredCodec === 'none' ? 'uncompressed' : configuredCodec
    const row = rows.get(set) ?? {
      tableCount: 0,
      written: new Map<string, number>(),
      files: { measuredCount: 0, fileCount: 0 },
    }
    row.tableCount += 1
    row.files = {
      measuredCount: row.files.measuredCount + fileCount - unknownCount,
      fileCount: row.files.fileCount + fileCount,
    }
    for (const { codec, storedBytes } of codecs) row.written.set(codec, (row.written.get(codec) ?? 0) + storedBytes)
    rows.set(set, row)
  }
  const written = new Set([...rows.values()].flatMap((row) => [...row.written.keys()]))
  const matrix = [...rows].map(([set, row]) => ({ set, ...row, totalBytes: sum([...row.written.values()]) }))
  const setRows = matrix.filter(({ set }) => set !== NOT_SET)
  const setBytes = sum(setRows.map(({ totalBytes }) => totalBytes))
  return {
    codecs: sortCodecs([...written]),
    rows: sortCodecs(matrix.map(({ set }) => set)).flatMap((set) => matrix.find((row) => row.set === set) ?? []),
    asSetShare: setBytes === 0 ? null : sum(setRows.map((row) => row.written.get(row.set) ?? 0)) / setBytes,
  }
}

/** Known codecs in their order, then others by name; `not set` last. */
function sortCodecs(codecs: readonly string[]): string[] {
  const rank = (codec: string) =>
    codec === NOT_SET ? 99 : CODEC_ORDER.includes(codec) ? CODEC_ORDER.indexOf(codec) : 50
  return [...codecs].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}
