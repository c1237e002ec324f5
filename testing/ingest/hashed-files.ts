import { currentSchema, defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import { nameWithoutHash } from '@/lib/iceberg/partitioning/hashed-path'
import { partitionPath } from '@/lib/iceberg/partitioning/partition-spec'
import type { LandingTable } from './landing-table'

/** Properties of tables with `write.object-storage.enabled`, whose paths other programs have to agree with. */
export const HASHED_LAYOUTS: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'write.object-storage.partitioned-paths': 'false' },
]

/** Rows of partitions with names that a path encodes. */
export const HASHED_CSV = `id,city,n\n${['a', 'São Paulo', 'a/b=c', '', '100%', '東京', "it's~1!"].map((city, i) => `${i},${city},0`).join('\n')}\n`

/** The data files of a table: the location, and what a writer decides it by. */
export async function hashedFiles(table: LandingTable): Promise<{ location: string; folder: string; name: string }[]> {
  const { metadata } = await table.loaded()
  const [schema, spec] = [currentSchema(metadata), defaultSpec(metadata)]
  return (await table.dataFiles()).map(({ dataFile: { filePath, partition } }) => ({
    location: filePath,
    folder: partitionPath(spec, schema, partition),
    name: nameWithoutHash(filePath.slice(filePath.lastIndexOf('/') + 1)),
  }))
}
