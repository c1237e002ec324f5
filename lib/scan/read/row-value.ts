import type { Value } from '@/lib/iceberg/schema/types'

/**
 * One value of a row. A struct is the list of its fields' values in the schema's order, a list the list of its
 * elements, a map a list of [key, value] pairs in the file's order.
 */
export type RowValue = Value | readonly (RowValue | null)[]
