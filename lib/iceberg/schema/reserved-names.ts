/**
 * The names of columns that every table has in addition to its own, and of the columns of its changelog. An engine
 * cannot tell a column of such a name from them, and Spark refuses to read the table.
 *
 * Spec: Iceberg table spec, *Reserved Field IDs*; the names are those of the reference implementation's
 * `MetadataColumns`.
 */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  '_file',
  '_pos',
  '_deleted',
  '_spec_id',
  '_partition',
  '_row_id',
  '_last_updated_sequence_number',
  '_change_type',
  '_change_ordinal',
  '_commit_snapshot_id',
])

/** Why no top-level column can get this name; null if one can. Engines ignore the case. */
export function reservedNameProblem(name: string): string | null {
  return RESERVED_NAMES.has(name.toLowerCase())
    ? `${name} is the name of a metadata column that every table has. Choose another name.`
    : null
}
