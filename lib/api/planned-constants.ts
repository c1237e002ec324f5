import type { PlannedFile } from '@/lib/contract/table/scan'
import { fromBase64 } from '@/lib/iceberg/schema/byte-text'
import { normalizePrimitiveType } from '@/lib/iceberg/schema/primitive'
import { decodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { Value } from '@/lib/iceberg/schema/types'

/** Values of identity partition fields by field id; null is a null value. */
export function decodeConstants({ constants }: Pick<PlannedFile, 'constants'>): Map<number, Value | null> {
  return new Map(
    constants.map(({ fieldId, type, value }) => {
      const primitive = normalizePrimitiveType(type)
      return [fieldId, value === null || primitive === null ? null : decodeSingleValue(primitive, fromBase64(value))]
    }),
  )
}
