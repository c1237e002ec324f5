import 'server-only'

/**
 * Among the overrides of a catalog that registers no table in the folder of another one, as Lakeshore's own does not.
 * The specification has no field for this.
 */
export const SEPARATE_FOLDERS = 'lakeshore.separate-folders'
