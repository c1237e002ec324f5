import 'server-only'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { toAuditValueOrNull } from '@/server/catalog/audit-value'

type Texts = Readonly<Record<string, string>>
export type Difference = { name: string; values: readonly [string | null, string | null] }

/** The differences by name; null for a missing value. */
export function findDifferences(before: Texts, after: Texts): Difference[] {
  const isDifferent = (name: string) => propertyValue(before, name) !== propertyValue(after, name)
  const names = new Set([...Object.keys(before), ...Object.keys(after)].filter(isDifferent))
  return [...names]
    .sort()
    .map((name): Difference => ({ name, values: [propertyValue(before, name), propertyValue(after, name)] }))
}

/** One side of the differences, 0 before and 1 after, as the audit stores it. */
export function pickSide(differences: readonly Difference[], side: 0 | 1): Record<string, string | null> {
  return Object.fromEntries(differences.map(({ name, values }) => [name, toAuditValueOrNull(values[side])]))
}
