import { joinNamespace, type Namespace } from '@/lib/names/identifiers'

export type NamedTable = { namespace: Namespace; table: string }

/** The tables of a list that the user chose: all but some, also those that the page has not read, or only some. */
export type TableChoice = { kind: 'all'; except: readonly NamedTable[] } | { kind: 'some'; only: readonly NamedTable[] }

export const NONE_CHOSEN: TableChoice = { kind: 'some', only: [] }

export function tableKey({ namespace, table }: NamedTable): string {
  return joinNamespace([...namespace, table])
}

export function isChosen(choice: TableChoice, table: NamedTable): boolean {
  return choice.kind === 'all' ? !has(choice.except, table) : has(choice.only, table)
}

export function toggleTable(choice: TableChoice, table: NamedTable): TableChoice {
  return choice.kind === 'all'
    ? { kind: 'all', except: toggle(choice.except, table) }
    : { kind: 'some', only: toggle(choice.only, table) }
}

/** @param totalCount of the list */
export function countChosen(choice: TableChoice, totalCount: number): number {
  return choice.kind === 'all' ? Math.max(0, totalCount - choice.except.length) : choice.only.length
}

/** As requests name them. */
export function toNames(choice: TableChoice): { only?: NamedTable[]; except?: NamedTable[] } {
  if (choice.kind === 'some') return { only: [...choice.only] }
  return choice.except.length === 0 ? {} : { except: [...choice.except] }
}

function has(tables: readonly NamedTable[], table: NamedTable): boolean {
  return tables.some((one) => tableKey(one) === tableKey(table))
}

function toggle(tables: readonly NamedTable[], table: NamedTable): NamedTable[] {
  return has(tables, table) ? tables.filter((one) => tableKey(one) !== tableKey(table)) : [...tables, table]
}
