import 'server-only'
import { ulid } from 'ulid'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'

/** A new location for deletes of a data file: next to it, in the folder of its partition. */
export function deleteLocation({ filePath }: DataFile, extension: string): string {
  return `${filePath.replace(/\.[A-Za-z]+$/, '')}-deletes_${ulid()}.${extension}`
}
