import 'server-only'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import type { MeasuredFile } from '@/server/metrics/sizes/table-sizes'

type MeasuredFileSample = {
  storedBytes: number
  plainBytes?: number | null
  codecs: Record<string, string>
  columnSizesBytes?: [number, number][]
  valueCounts?: [number, number][]
  nullValueCounts?: [number, number][]
}

/** A data file for tests that has only sizes. */
export function sampleMeasuredFile({
  storedBytes,
  plainBytes = null,
  codecs,
  columnSizesBytes = [],
  valueCounts = [],
  nullValueCounts = [],
}: MeasuredFileSample): MeasuredFile {
  return {
    sizes: {
      plainBytes,
      plainSource: plainBytes === null ? null : 'counted',
      encodedBytes: storedBytes * 2,
      storedBytes,
      codecs,
    },
    file: {
      status: 'added',
      snapshotId: '1',
      sequenceNumber: 1,
      fileSequenceNumber: 1,
      spec: { specId: 0, fields: [] },
      partitionLabel: '',
      dataFile: sampleDataFile('file:///lake/demo/t/data/a.parquet', {
        fileSizeBytes: storedBytes + 20,
        metrics: {
          ...EMPTY_METRICS,
          columnSizesBytes: new Map(columnSizesBytes),
          valueCounts: new Map(valueCounts),
          nullValueCounts: new Map(nullValueCounts),
        },
      }),
    },
  }
}
