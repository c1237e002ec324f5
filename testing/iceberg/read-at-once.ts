import type { DecodeSteps } from '@/lib/iceberg/avro/decode-steps'
import type { ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { manifestListSteps } from '@/lib/iceberg/manifest/manifest-list'
import { manifestSteps } from '@/lib/iceberg/manifest/read-manifest'

/** The product decodes in steps, between which other work has its turn; most tests need the result only. */
export function decodeAtOnce<Result>(steps: DecodeSteps<Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

export function readManifestList(...args: Parameters<typeof manifestListSteps>): ManifestFile[] {
  return decodeAtOnce(manifestListSteps(...args))
}

export function readManifest(...args: Parameters<typeof manifestSteps>) {
  return decodeAtOnce(manifestSteps(...args))
}
