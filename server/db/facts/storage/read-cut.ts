import 'server-only'
import type { StorageCut } from '@/lib/facts/storage-cuts'
import type { PartBytes } from '@/lib/facts/storage-part'
import type { Database } from '../../database'
import { query } from '../../statement'
import { isInScope, type SumScope } from '../is-in-scope'

/** The files of these tables whose footers were read, by writer or by month. */
export async function readCut(
  database: Database,
  { of, cut }: { of: SumScope; cut: StorageCut },
): Promise<{ name: string; bytes: PartBytes }[]> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_storage_cuts')
        .select('name')
        .select(({ fn }) => [
          fn.sum<number>('stored_bytes').as('stored'),
          fn.sum<number>('encoded_bytes').as('encoded'),
          fn.sum<number>('plain_bytes').as('plain'),
        ])
        .where('cut', '=', cut)
        .where(isInScope(dialect, of))
        .groupBy('name')
        .orderBy('name'),
    ),
  )
  return rows.map(({ name, ...bytes }) => ({ name, bytes }))
}
