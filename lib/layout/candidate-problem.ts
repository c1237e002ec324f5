import { isRedundantTerm, isSameTerm } from '../changes/edits/layout-rules'
import { currentSchema, defaultSpec } from '../iceberg/metadata/current-layout'
import type { TableMetadata } from '../iceberg/metadata/table-metadata'
import { parseTransform, transformLabel } from '../iceberg/partitioning/transform'
import { indexFields } from '../iceberg/schema/schema'
import type { LayoutCandidate } from './offered-transforms'

/**
 * Why a layout is not worth comparing: the table could not be changed to it in one commit. Null if it could. A time
 * field that the table has may stay next to another one of its column.
 */
export function candidateProblem(candidate: LayoutCandidate, metadata: TableMetadata): string | null {
  const today = defaultSpec(metadata).fields
  const columns = indexFields(currentSchema(metadata))
  for (const [at, field] of candidate.entries()) {
    const twin = candidate.slice(0, at).find((earlier) => isRedundantTerm(earlier, field))
    if (!twin) continue
    const [first, second] = [twin, field].map(({ sourceId, transform }) =>
      transformLabel(parseTransform(transform), columns.get(sourceId)?.path.join('.') ?? String(sourceId)),
    )
    if (isSameTerm(twin, field)) return `The candidate has ${first} twice.`
    if (![twin, field].some((one) => today.some((retained) => isSameTerm(retained, one))))
      return `Partitioning by both ${first} and ${second} is redundant: the finer one divides the rows already.`
  }
  return null
}
