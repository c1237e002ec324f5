/** Why a table, a snapshot or a partition without data files has no sizes, ratios or bounds. */
export const NO_DATA_FILES = 'there are no data files'

/** Why the compression of a table is unknown. */
export function unknownRatioReason(dataFileCount: number | null): string {
  return dataFileCount === 0 ? NO_DATA_FILES : 'the sizes of its files are not known yet'
}
