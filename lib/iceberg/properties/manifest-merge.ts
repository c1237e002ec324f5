import { propertyValue } from './property-value'

/** When a commit merges the manifests of its branch. */
export type ManifestMerge = {
  isEnabled: boolean
  /** The newest manifests are merged only if they are at least this many. */
  minCount: number
  targetBytes: number
}

/**
 * The table's properties for merging manifests, with Iceberg's defaults. A value that is not a number does not count: it
 * must not keep rows out of the table.
 */
export function manifestMerge(properties: Readonly<Record<string, string>>): ManifestMerge {
  const isEnabled = propertyValue(properties, 'commit.manifest-merge.enabled') ?? 'true'
  return {
    isEnabled: isEnabled.toLowerCase() === 'true',
    minCount: wholeNumber(properties, 'commit.manifest.min-count-to-merge') ?? 100,
    targetBytes: wholeNumber(properties, 'commit.manifest.target-size-bytes') ?? 8 * 1024 * 1024,
  }
}

function wholeNumber(properties: Readonly<Record<string, string>>, name: string): number | null {
  const text = propertyValue(properties, name)
  const value = text !== null && /^\d{1,16}$/.test(text) ? Number(text) : 0
  return value >= 1 && Number.isSafeInteger(value) ? value : null
}
