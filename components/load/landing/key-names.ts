import type { TableDetail } from '@/lib/contract/table/tables'

/** The names of the identifier fields. */
export function keyNames({ schema: { fields, identifierFieldIds } }: Pick<TableDetail, 'schema'>): string[] {
  return fields.filter(({ id }) => identifierFieldIds.includes(id)).map(({ name }) => name)
}
