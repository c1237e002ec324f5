import * as z from 'zod'
import { METADATA_TABLE_NAMES } from '@/lib/iceberg/metadata/metadata-table-names'
import { endpoint } from '../endpoint'
import { fieldOnWire } from '../shapes/iceberg-shapes'
import { MAX_URL_TEXT_CHARS } from '../shapes/limits'
import { METADATA_ROWS_PATH } from '../shapes/plain-values'
import { problem } from '../shapes/problem'
import { MAX_NAMED_BOUNDS } from '@/lib/iceberg/metadata/unreadable-bounds'
import { count, instantMs, location, longId, tableAsOfInput, tableInput } from '../shapes/wire'

const name = z.enum(METADATA_TABLE_NAMES)

export const getMetadataTable = endpoint({
  summary: 'Describes a metadata table of a table, such as `files`: its columns, and the state whose rows it has',
  description:
    'Columns are those of Iceberg’s Java library, which Spark shows. Tables of one snapshot (`files`, `data_files`, `delete_files`, `entries`, `manifests`, `partitions`, `position_deletes`) have the files of the requested snapshot. The others describe the whole table, as its metadata file of the requested time does; they fail with `not-supported` when that file is gone.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/metadata-tables/:name',
  permission: 'table:read',
  input: tableAsOfInput.extend({ name }),
  output: z.object({
    /** The state, for reading its rows: the metadata file, and the snapshot, which is null for a table without one. */
    metadataLocation: z.string(),
    snapshotId: longId.nullable(),
    committedAtMs: instantMs.nullable(),
    fields: z.array(fieldOnWire),
    estimatedRowCount: count,
  }),
})

/** A line of the rows of a metadata table. */
export const metadataRowsLine = z.union([
  z.object({
    rowCount: count,
    /** An Arrow IPC stream of these rows; left out when no columns are requested. */
    arrow: z.base64().optional(),
    /** Bounds of these rows that are not values of their columns, or that DuckDB cannot hold; their cells are null. */
    unreadableBounds: z
      .object({
        count,
        /** The first of them: the column, and the file that the bound describes. */
        named: z.array(z.object({ column: z.string(), file: z.string() })).max(MAX_NAMED_BOUNDS),
      })
      .optional(),
  }),
  z.object({ isEnd: z.literal(true), rowCount: count }),
  z.object({ problem }),
])

export const readMetadataRows = endpoint({
  summary: 'Returns the rows of a metadata table as lines of JSON, while they are computed',
  description:
    'Each line has some rows as an Arrow IPC stream in base64: `{"rowCount": 500, "arrow": "…"}`. A bound that is not a value of its column is null, counted and named in `unreadableBounds`. The last one is `{"isEnd": true, "rowCount": 1234}`, or `{"problem": {…}}` if reading failed. Without a last line the rows are not complete. `metadata` and `snapshot` come from the description of the table. Ranges do not apply.',
  method: 'GET',
  path: METADATA_ROWS_PATH,
  permission: 'table:read',
  input: tableInput.extend({
    name,
    metadata: location,
    snapshot: longId.optional(),
    /** Names of the columns, separated by commas; empty to count the rows. */
    columns: z.string().max(MAX_URL_TEXT_CHARS),
  }),
  output: 'bytes',
})
