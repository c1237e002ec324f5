import { typeLabel } from '../../iceberg/schema/type-label'
import type { NestedField } from '../../iceberg/schema/types'

/** A column before and after, by its name; null: not there. */
export type ComparedColumn = {
  name: string
  before: string | null
  after: string | null
  change: 'unchanged' | 'added' | 'removed' | 'changed'
}

/** The columns of two versions side by side, in the order of the later one; columns that are gone come last. */
export function compareColumns(before: readonly NestedField[], after: readonly NestedField[]): ComparedColumn[] {
  const known = new Map(before.map((field) => [field.name, describe(field)]))
  const names = new Set(after.map(({ name }) => name))
  return [
    ...after.map((field): ComparedColumn => {
      const [earlier = null, now] = [known.get(field.name), describe(field)]
      const change = earlier === null ? 'added' : earlier === now ? 'unchanged' : 'changed'
      return { name: field.name, before: earlier, after: now, change }
    }),
    ...before.flatMap((field): ComparedColumn[] =>
      names.has(field.name) ? [] : [{ name: field.name, before: describe(field), after: null, change: 'removed' }],
    ),
  ]
}

function describe({ type, required, doc }: NestedField): string {
  return [typeLabel(type), ...(required ? ['required'] : []), ...(doc === undefined ? [] : [`“${doc}”`])].join(', ')
}
