import 'server-only'
import type { PolledMetadata } from '@/server/catalog/port/polled-metadata'

const UNNAMED = 'version:'

/** The name of a version in the history of its table: its file, or what tells it from others if the file is not known. */
export function versionOf({
  metadata: { tableUuid, lastUpdatedMs, lastSequenceNumber, currentSnapshotId },
  metadataLocation,
}: Extract<PolledMetadata, { isUnchanged: false }>): string {
  if (metadataLocation !== null) return metadataLocation
  return `${UNNAMED}${[tableUuid, lastUpdatedMs, lastSequenceNumber, currentSnapshotId ?? ''].join('/')}`
}

export function isFile(version: string): boolean {
  return !version.startsWith(UNNAMED)
}
