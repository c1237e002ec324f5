import { propertyValue } from './property-value'

const TARGET_PROPERTY = 'write.target-file-size-bytes'
/** Iceberg's default. */
const DEFAULT_TARGET_BYTES = 512 * 1024 * 1024

/** How large writers make data files. A value that is not a size of a file does not count: engines then use the default. */
export function targetFileSize(properties: Readonly<Record<string, string>>): {
  targetBytes: number
  isTargetSet: boolean
} {
  const text = propertyValue(properties, TARGET_PROPERTY)
  const bytes = text !== null && /^\d{1,16}$/.test(text) ? Number(text) : 0
  const isTargetSet = bytes >= 1 && Number.isSafeInteger(bytes)
  return { targetBytes: isTargetSet ? bytes : DEFAULT_TARGET_BYTES, isTargetSet }
}
