import { quoteWithBackticks } from '@/lib/sql/quoting'
import type { TableIdentifier } from '../../names/identifiers'
import { callInSpark } from './spark-sql'
import { MAIN_BRANCH } from '../../iceberg/metadata/metadata-json'

type Script = { text: string; commitCount: number; missingCount: number }

/**
 * The statements with which other engines pick a snapshot onto a branch. Spark's procedure only knows `main`, the
 * others have none.
 */
export function cherryPickScripts(
  { catalog, namespace, table }: TableIdentifier,
  { snapshotId, branch }: { snapshotId: string; branch: string },
): Record<'spark' | 'trino' | 'pyiceberg', Script> {
  const missing = (comment: string, reason: string): Script => ({
    text: `${comment} ${reason}`,
    commitCount: 0,
    missingCount: 1,
  })
  const spark = {
    name: '',
    catalog: quoteWithBackticks(catalog),
    argument: [...namespace, table].map(quoteWithBackticks).join('.'),
  }
  return {
    spark:
      branch === MAIN_BRANCH
        ? {
            text: `${callInSpark(spark, 'cherrypick_snapshot', [`snapshot_id => ${snapshotId}`])};`,
            commitCount: 1,
            missingCount: 0,
          }
        : missing('--', 'Spark picks snapshots onto main only.'),
    trino: missing('--', 'Trino cannot pick a snapshot.'),
    pyiceberg: missing('#', 'PyIceberg cannot pick a snapshot.'),
  }
}
