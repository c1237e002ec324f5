import { AppError } from '@/lib/errors'
import { propertyValue } from './property-value'

/**
 * The compression of a table's Parquet files, according to its properties.
 *
 * Spec: Iceberg documentation, *Configuration*, `write.parquet.compression-codec` and `-level`.
 */

/** Spelled as in the property. Lakeshore reads and writes all of them. */
export const COMPRESSION_CODECS = ['zstd', 'snappy', 'gzip', 'lz4', 'brotli', 'uncompressed'] as const
export type CompressionCodec = (typeof COMPRESSION_CODECS)[number]

export const CODEC_PROPERTY = 'write.parquet.compression-codec'
export const LEVEL_PROPERTY = 'write.parquet.compression-level'
const DEFAULT_CODEC: CompressionCodec = 'zstd'

/** The codec that a value of the codec property means, the default if it is not set; null for an unknown codec. */
export function codecOf(value: string | null): CompressionCodec | null {
  const text = (value ?? DEFAULT_CODEC).toLowerCase()
  return COMPRESSION_CODECS.find((known) => known === text) ?? null
}

type LevelRange = { min: number; max: number }

const LEVEL_RANGES: Readonly<Record<CompressionCodec, LevelRange | null>> = {
  zstd: { min: 1, max: 22 },
  gzip: { min: 0, max: 9 },
  brotli: { min: 0, max: 11 },
  snappy: null,
  lz4: null,
  uncompressed: null,
}

/**
 * The levels at which Lakeshore compresses when none is set. Brotli's own default of 11 takes a hundred times as long as
 * 1 and is meant for files that are served for years.
 */
export const DEFAULT_LEVELS = { zstd: 3, gzip: 6, brotli: 1, snappy: null, lz4: null, uncompressed: null } as const

type Compression = { codec: CompressionCodec | null; level: number | null }

/** Whether both compress alike: a level that is not set is the usual one. */
export function isSameCompression(a: Compression, b: Compression): boolean {
  return a.codec === b.codec && levelOf(a) === levelOf(b)
}

function levelOf({ codec, level }: Compression): number | null {
  return level ?? (codec === null ? null : DEFAULT_LEVELS[codec])
}

type Properties = Readonly<Record<string, string>>

/** The levels of a codec, inclusive; null if it has none. */
export function codecLevelRange(codec: CompressionCodec): LevelRange | null {
  return LEVEL_RANGES[codec]
}

/**
 * How new files of a table are compressed. The codec's case does not matter, as in other engines; a level is ignored if
 * the codec has no levels.
 *
 * @returns `level` null if none is set
 * @throws {AppError} not-supported for an unknown codec or an invalid level
 */
export function tableCompression(properties: Properties): { codec: CompressionCodec; level: number | null } {
  const text = propertyValue(properties, CODEC_PROPERTY)?.toLowerCase() ?? null
  const codec = codecOf(text)
  if (codec === null) {
    throw new AppError('not-supported', `Lakeshore cannot compress Parquet files with ${text}`, {
      facts: { codec: text },
    })
  }
  const level = propertyValue(properties, LEVEL_PROPERTY)
  if (level === null || LEVEL_RANGES[codec] === null) return { codec, level: null }
  const problem = levelProblem(codec, level)
  if (problem !== null) throw new AppError('not-supported', `${LEVEL_PROPERTY} ${problem}`, { facts: { codec, level } })
  return { codec, level: Number(level) }
}

/** Why a level cannot be set for a codec, in words for people; null if it can. */
export function levelProblem(codec: CompressionCodec, level: string): string | null {
  const range = LEVEL_RANGES[codec]
  if (range === null) return `does not apply to ${codec}, which has no levels`
  const isInRange = /^\d{1,3}$/.test(level) && Number(level) >= range.min && Number(level) <= range.max
  return isInRange ? null : `should be a whole number from ${range.min} to ${range.max} for ${codec}`
}
