import type { ApiReference } from '@/lib/contract/description/api-reference'

/** The parts of the reference that contain every word, in names, paths, summaries, descriptions and fields. */
export function findOperations({ groups, shapes, errors }: ApiReference, query: string): ApiReference {
  const needles = query.toLowerCase().split(/\s+/).filter(Boolean)
  const isMatch = (...texts: readonly string[]) => {
    const text = texts.join(' ').toLowerCase()
    return needles.every((needle) => text.includes(needle))
  }
  return {
    groups: groups
      .map((group) => ({
        ...group,
        operations: group.operations.filter(({ name, method, path, summary, description, fields }) =>
          isMatch(group.tag, name, method, path, summary, description, ...fields.map((field) => field.name)),
        ),
      }))
      .filter(({ operations }) => operations.length > 0),
    shapes: shapes.filter(({ name, type }) => isMatch(name, type)),
    errors: errors.filter(({ code, status, title }) => isMatch(code, String(status), title)),
  }
}
