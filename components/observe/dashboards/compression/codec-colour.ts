/** A fixed order, so that each codec keeps its colour; `uncompressed` is Iceberg's term. */
const CODEC_ORDER = ['zstd', 'snappy', 'gzip', 'lz4', 'brotli', 'uncompressed']

export function codecColour(codec: string): string {
  const index = CODEC_ORDER.indexOf(codec)
  return index < 0 ? 'var(--c0)' : `var(--c${index + 1})`
}
