import { tableChecks } from '@/lib/iceberg/properties/table-checks'
import { MAIN_BRANCH } from '../../iceberg/metadata/metadata-json'

/**
 * Warns that a move of `main` bypasses the checks of a table, because it is not a publication; empty for other refs and
 * for tables without checks.
 */
export function uncheckedMoveWarnings(
  properties: Parameters<typeof tableChecks>[0],
  { refName }: { refName: string },
): string[] {
  const { length } = tableChecks(properties)
  if (refName !== MAIN_BRANCH || length === 0) return []
  return [
    `The table has ${length === 1 ? 'a saved check' : `${length} saved checks`}, and this runs none: Publish moves main only where all have passed.`,
  ]
}
