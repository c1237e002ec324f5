import 'server-only'
import { indexFields } from '@/lib/iceberg/schema'
import type { TableMetadata } from '@/lib/iceberg/table-metadata'
import type { MeasuredFile } from './table-sizes'

/** Columns whose bytes cannot be told apart by codec: the file mixes codecs and its manifest has no column sizes. */
const MIXED = 'mixed'

/** Stored bytes of data files by codec, most first. A column's bytes come from the manifest, its codec from the footer. */
export function bytesByCodec(
  files: readonly MeasuredFile[],
  metadata: TableMetadata,
): { codec: string; storedBytes: number }[] {
  const names = columnNames(metadata)
  const sums = new Map<string, number>()
  const add = (codec: string, bytes: number) => {
    const name = nameOfCodec(codec)
    sums.set(name, (sums.get(name) ?? 0) + bytes)
  }
  for (const { file, sizes } of files) {
    const used = new Set(Object.values(sizes.codecs))
    const [only] = used
    if (used.size <= 1) {
      add(only ?? MIXED, sizes.storedBytes)
      continue
    }
    let told = 0
    for (const [fieldId, bytes] of file.dataFile.metrics.columnSizesBytes) {
      const codec = sizes.codecs[names.get(fieldId) ?? '']
      if (codec === undefined) continue
      add(codec, bytes)
      told += bytes
    }
    if (sizes.storedBytes > told) add(MIXED, sizes.storedBytes - told)
  }
  return [...sums]
    .map(([codec, storedBytes]) => ({ codec, storedBytes }))
    .filter(({ storedBytes }) => storedBytes > 0)
    .sort((a, b) => b.storedBytes - a.storedBytes)
}

/** A codec in the words of the property that sets it; more than one is `mixed`. */
export function nameOfCodec(codec: string): string {
  if (codec.includes(',')) return MIXED
  return codec === 'lz4_raw' ? 'lz4' : codec
}

/** Column paths by field id; those of the current schema win, dropped columns keep their last name. */
function columnNames({
  schemas,
  currentSchemaId,
}: Pick<TableMetadata, 'schemas' | 'currentSchemaId'>): Map<number, string> {
  const currentLast = [...schemas].sort(
    (a, b) => Number(a.schemaId === currentSchemaId) - Number(b.schemaId === currentSchemaId),
  )
  return new Map(
    currentLast.flatMap((schema) => [...indexFields(schema)].map(([id, { path }]) => [id, path.join('.')])),
  )
}
