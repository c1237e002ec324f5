import type { ShownColumn } from '@/lib/scan/compare/compared-columns'

/** Names that columns with a value for each row often have. Words before them may belong to another table. */
const KEY_NAMES = ['id', 'uuid', 'guid', 'key', 'code']

export type SuggestedKey = { keyIds: readonly number[]; reason: 'identifier' | 'name' }

/**
 * Columns that may identify a row: the identifier fields, otherwise a column with such a name, as `id`, or `order_id` in
 * a table named `orders`. Null if nothing suggests a key.
 */
export function suggestKey(
  columns: readonly ShownColumn[],
  { identifierIds, tableName }: { identifierIds: readonly number[]; tableName: string },
): SuggestedKey | null {
  const possible = columns.filter(isPossibleKey)
  if (identifierIds.length > 0 && identifierIds.every((id) => possible.some(({ fieldId }) => fieldId === id)))
    return { keyIds: identifierIds, reason: 'identifier' }
  const stem = tableName.toLowerCase().replace(/s$/, '')
  const names = [...KEY_NAMES, ...KEY_NAMES.flatMap((name) => [`${stem}_${name}`, `${stem}${name}`])]
  const ranked = names.flatMap((name) =>
    possible.filter(({ path }) => path.length === 1 && path[0]?.toLowerCase() === name),
  )
  const [best] = ranked
  return best === undefined ? null : { keyIds: [best.fieldId], reason: 'name' }
}

/** Floating-point values are not keys: NaN, and zero with two signs. */
function isPossibleKey({ side, type }: ShownColumn): boolean {
  return side === 'both' && typeof type === 'string' && type !== 'float' && type !== 'double' && type !== 'boolean'
}
