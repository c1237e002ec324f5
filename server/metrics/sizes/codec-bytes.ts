import 'server-only'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { codecPropertyName } from '@/server/table/codec-name'
import type { MeasuredFile } from './table-sizes'

/** Columns whose bytes cannot be split by codec: the file mixes codecs and its manifest has no column sizes. */
const MIXED = 'mixed'

/**
 * Stored bytes of data files by codec, largest first. A column's bytes come from the manifest, its codec from the
 * footer.
 */
export function bytesByCodec(
  files: readonly MeasuredFile[],
  metadata: TableMetadata,
): { codec: string; storedBytes: number }[] {
  const columnPaths = indexColumnPaths(metadata)
  const sums = new Map<string, number>()
  const add = (codec: string, bytes: number) => {
    const label = codecLabel(codec)
    sums.set(label, (sums.get(label) ?? 0) + bytes)
  }
  for (const { file, sizes } of files) {
    const used = new Set(Object.values(sizes.codecs))
    const [onlyCodec] = used
    if (used.size <= 1) {
      add(onlyCodec ?? MIXED, sizes.storedBytes)
      continue
    }
    let attributedBytes = 0
    for (const [fieldId, bytes] of file.dataFile.metrics.columnSizesBytes) {
      const codec = sizes.codecs[columnPaths.get(fieldId) ?? '']
      if (codec === undefined) continue
      add(codec, bytes)
      attributedBytes += bytes
    }
    if (sizes.storedBytes > attributedBytes) add(MIXED, sizes.storedBytes - attributedBytes)
  }
  return [...sums]
    .map(([codec, storedBytes]) => ({ codec, storedBytes }))
    .filter(({ storedBytes }) => storedBytes > 0)
    .sort((a, b) => b.storedBytes - a.storedBytes)
}

/** A codec with the name that the table property uses; several codecs are `mixed`. */
export function codecLabel(codec: string): string {
  return codec.includes(',') ? MIXED : codecPropertyName(codec)
}

/** Column paths by field id. The current schema takes precedence; dropped columns keep their last name. */
function indexColumnPaths({
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
