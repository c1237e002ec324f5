import 'server-only'
import type { HistoryTableName } from '@/lib/facts/history-table-names'
import { namespaceLabel, splitNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { type BoundPredicate, conditionsOf, evaluate } from '@/lib/scan/predicate/predicate'
import { createValueTest } from '@/lib/scan/predicate/value-test'
import { toComparable } from '@/lib/scan/predicate/comparable'
import type { Database } from '../../database'
import { query } from '../../statement'
import { isRemovedCatalog } from '../renamed-catalog'
import { columnOf, weakenPredicate } from './condition-sql'
import type { TableColumn } from './history-column'
import { HISTORY_TABLES } from './history-tables'

/** A table whose history is stored. A dropped one has its last name. */
export type HistoryOwner = {
  id: number
  table: TableIdentifier
  tableUuid: string
  /** How many facts its history has had, those that were removed since included. */
  factCount: number
}

/** The tables with a history, without those of removed connections. */
export async function readHistoryOwners(database: Database): Promise<HistoryOwner[]> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('fact_tables')
        .select(['id', 'catalog', 'namespace', 'table_name', 'table_uuid', 'seq'])
        .orderBy('id'),
    ),
  )
  return rows
    .filter(({ catalog }) => !isRemovedCatalog(catalog))
    .map((row) => ({
      id: row.id,
      table: { catalog: row.catalog, namespace: splitNamespace(row.namespace), table: row.table_name },
      tableUuid: row.table_uuid,
      factCount: row.seq,
    }))
}

/** Leaves out tables of which no row can pass the predicate, because of their names. */
export function chooseOwners(
  owners: readonly HistoryOwner[],
  name: HistoryTableName,
  predicate: BoundPredicate,
): readonly HistoryOwner[] {
  const { columns } = HISTORY_TABLES[name]
  const ofTable = weakenPredicate(predicate, (condition) =>
    columnOf(condition, columns).ofTable === undefined ? true : null,
  )
  const tests = new Map(
    conditionsOf(ofTable).map((condition) => {
      const test = createValueTest(condition)
      const column = columnOf(condition, columns).ofTable ?? 'catalog'
      return [condition, (owner: HistoryOwner) => test(toComparable('string', valueOf(owner, column)))]
    }),
  )
  return owners.filter((owner) => evaluate(ofTable, (condition) => tests.get(condition)?.(owner) ?? true))
}

function valueOf({ table, tableUuid }: HistoryOwner, column: TableColumn): string {
  switch (column) {
    case 'catalog':
      return table.catalog
    case 'namespace':
      return namespaceLabel(table.namespace)
    case 'table_name':
      return table.table
    case 'table_uuid':
      return tableUuid
  }
}
