import type { Column } from '@/components/ui/table/data-table'
import { Bytes } from '@/components/ui/values/bytes'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { Unknown } from '@/components/ui/values/unknown'

/** An entry directly in a folder. */
type StoredEntry = { kind: 'folder' } | { kind: 'file'; sizeBytes: number; modifiedAtMs: number | null }

/** Size and time as the storage reports them. It reports neither for folders. */
export const STORED_COLUMNS: Column<StoredEntry>[] = [
  {
    id: 'size',
    header: 'Size',
    align: 'end',
    weight: 'figure',
    cell: (entry) => entry.kind === 'file' && <Bytes value={entry.sizeBytes} />,
    sortBy: (entry) => (entry.kind === 'file' ? entry.sizeBytes : null),
  },
  {
    id: 'modified',
    header: 'Modified',
    cell: (entry) =>
      entry.kind === 'file' &&
      (entry.modifiedAtMs === null ? (
        <Unknown reason="the storage does not say" />
      ) : (
        <RelativeTime atMs={entry.modifiedAtMs} />
      )),
    sortBy: (entry) => (entry.kind === 'file' ? entry.modifiedAtMs : null),
  },
]
