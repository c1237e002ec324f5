import 'server-only'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { TakeTurns } from '@/lib/iceberg/avro/decode-steps'
import type { ScanTask } from '@/lib/scan/plan/scan-task'
import type { OpenScan } from './open-scan'

/** With more files the null shares of a scan are unknown: every entry of every manifest would have to be read. */
const MAX_FILES = 10_000

export type NullShare = { fieldId: number; share: number }

/** @returns null when the scan has too many files; otherwise as {@link sumNullShares} */
export async function readNullShares(
  { plan, schema }: OpenScan,
  takeTurns: TakeTurns,
  maxFiles = MAX_FILES,
): Promise<NullShare[] | null> {
  return plan.fileCount > maxFiles ? null : sumNullShares(schema, plan.tasksFrom({ fromFile: 0 }), takeTurns)
}

/**
 * Only for columns that every file counted: files written before a column was added have no counts for it. A file's
 * counts are decoded on each access, so they are read once here and not stored.
 */
export async function sumNullShares(
  schema: Schema,
  tasks: AsyncIterable<Pick<ScanTask, 'metrics' | 'recordCount'>>,
  takeTurns: TakeTurns,
): Promise<NullShare[]> {
  const nulls = new Map<number, number>(
    schema.fields.flatMap(({ id, type }) => (typeof type === 'string' ? [[id, 0] as const] : [])),
  )
  let rows = 0
  for await (const { metrics, recordCount } of tasks) {
    const counts = metrics.nullValueCounts
    rows += recordCount
    for (const [id, sum] of nulls) {
      const nullCount = counts.get(id)
      if (nullCount === undefined) nulls.delete(id)
      else nulls.set(id, sum + nullCount)
    }
    await takeTurns()
  }
  return rows === 0 ? [] : [...nulls].map(([fieldId, count]) => ({ fieldId, share: Math.min(1, count / rows) }))
}
