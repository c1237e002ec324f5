import 'server-only'
import type { Home } from '@/lib/contract/home'
import { sum } from '@/lib/sum'
import type { Database } from '@/server/db/database'
import type { FactTable } from '@/server/db/facts/fact-tables'

type TableRatio = Pick<Home['tables'][number], 'plainBytes' | 'storedBytes' | 'isEstimated'>

/** The plain and stored sizes of the live data files of tables: of all, and of each by its history. */
export type LakeRatio = Pick<Home, 'ratio' | 'files'> & { ofTable: (id: number) => TableRatio }

/** The sizes in footers are stored by file, and which files are live is not, so the sizes of live files are unknown. */
export async function readRatio(_database: Database, tables: readonly FactTable[]): Promise<LakeRatio> {
  return {
    ratio: null,
    files: { measuredCount: 0, fileCount: Math.max(sum(tables.map(({ total }) => total.files)), 0) },
    ofTable: () => ({ plainBytes: null, storedBytes: 0, isEstimated: false }),
  }
}
