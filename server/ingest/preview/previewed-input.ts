import 'server-only'
import { basename } from 'node:path'
import { readPathValues, readUrlPathValues } from '../input/path-values'
import type { LakeServices } from '@/server/catalog/lake-services'
import type { Upload } from '@/server/db/uploads/uploads'
import { findFilesSoon } from '@/server/load-locations/find-files'
import { type LocationServices, openLoadLocation } from '@/server/load-locations/open-location'
import { readReceivedRanges, streamReceived } from '@/server/uploads/stream-upload'
import type { ByteRange } from '@/server/storage/object-store'
import { inputSize, localInputPath, streamInput } from '../input/input-file'
import {
  openUrl,
  requireLoadUrl,
  urlFileName,
  type UrlServices,
  urlVersionText,
} from '@/server/load-locations/load-url'
import type { LocationFile, LocationPattern, UrlInput } from '../run/ingest-spec'
import { firstFound } from '../run/location-sources'

/** A file whose beginning is previewed. */
export type PreviewedInput = {
  /** As users know it. */
  name: string
  pathValues: ReadonlyMap<string, string | null>
  /** Null if it is known only when the file was read. */
  sizeBytes: number | null
  /** Fewer than `sizeBytes` while the file is being uploaded. */
  receivedBytes: number | null
  /** Null for a file that cannot be read in place. */
  localPath: string | null
  /** The version of a file with a URL that was read, as its server tells versions apart. */
  readVersion?: () => string | null
  stream(signal: AbortSignal): AsyncIterable<Uint8Array>
  /** Reads bytes from within those that are here; absent for a file that can only be read from its beginning. */
  readRange?: (range: ByteRange, signal: AbortSignal) => Promise<Uint8Array>
}

type InputServices = Pick<LakeServices, 'config' | 'database' | 'stores'>

export function toUploadedInput(services: InputServices, upload: Upload): PreviewedInput {
  const { fileName: name, sizeBytes, receivedBytes } = upload
  return {
    name,
    pathValues: new Map(),
    sizeBytes,
    receivedBytes,
    localPath: null,
    stream: (signal) => streamReceived(services, upload, signal),
    readRange: readReceivedRanges(services, upload),
  }
}

/**
 * A file of a load location, or the first one that matches a pattern.
 *
 * @throws {AppError} not-found, file-missing, location-refused, too-large for a long search
 */
export async function openLocationInput(
  services: LocationServices,
  source: LocationFile | LocationPattern,
  signal: AbortSignal,
): Promise<PreviewedInput> {
  const files = await openLoadLocation(services, source.loadLocation)
  const path =
    'path' in source
      ? source.path
      : firstFound(files, source.match, await findFilesSoon(files, source.match, signal)).path
  const { sizeBytes } = await files.readVersion(path, signal)
  return {
    name: basename(path),
    pathValues: readPathValues(path),
    sizeBytes,
    receivedBytes: sizeBytes,
    // Another program may change the file while it is read.
    localPath: null,
    stream: (streamSignal) => files.stream(path, sizeBytes, streamSignal),
    readRange: (range, rangeSignal) => files.readRange(path, range, rangeSignal),
  }
}

/** A file of a server, which is requested when it is read. @throws {AppError} invalid-request, location-refused */
export function openUrlInput(services: UrlServices, { url: text }: UrlInput): PreviewedInput {
  const url = requireLoadUrl(services.config.loadHosts, text)
  let version: string | null = null
  return {
    name: urlFileName(url),
    pathValues: readUrlPathValues(url),
    sizeBytes: null,
    receivedBytes: null,
    localPath: null,
    readVersion: () => version,
    async *stream(signal) {
      const opened = await openUrl(services, url, { signal })
      version = urlVersionText(opened.version)
      try {
        yield* opened.stream()
      } finally {
        opened.close()
      }
    },
  }
}

/** @throws {AppError} file-missing, location-refused */
export async function openLocatedInput(
  { stores }: Pick<InputServices, 'stores'>,
  { location, name }: { location: string; name: string },
  signal: AbortSignal,
): Promise<PreviewedInput> {
  const sizeBytes = await inputSize(stores, location, signal)
  return {
    name,
    pathValues: readPathValues(location),
    sizeBytes,
    receivedBytes: sizeBytes,
    localPath: localInputPath(location),
    async *stream(streamSignal) {
      yield* await streamInput(stores, location, streamSignal)
    },
  }
}
