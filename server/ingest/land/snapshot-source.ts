import 'server-only'
import type { ManifestSource } from '@/lib/scan/snapshot-manifests'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import type { ObjectStore } from '@/server/storage/object-store'

/** Reads the manifests of a snapshot once, without a cache. */
export function snapshotSource(store: ObjectStore, signal: AbortSignal): ManifestSource {
  return { readFile: (location) => store.read(location, { signal }), codecs: avroCodecs, signal }
}
