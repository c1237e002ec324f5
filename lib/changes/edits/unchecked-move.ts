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
    `This does not run the table’s ${length === 1 ? 'saved check' : `${length} saved checks`}: Publish moves main only where all have passed.`,
  ]
}
