import type { ColumnChunk, ParquetFooter, RowGroup } from '@/lib/parquet/footer'
import type { BloomTest } from '@/lib/scan/inspect/bloom-test'
import type { DeletePositions } from '@/lib/scan/inspect/delete-positions'
import type { FileRows } from '@/lib/scan/inspect/file-rows'
import type { ChunkPagesList } from '@/lib/scan/inspect/list-pages'
import type { PositionList } from '@/lib/scan/inspect/position-ranges'
import type { PuffinFooter } from '@/lib/scan/inspect/puffin'
import type { SerializedError } from '../rows/serialized-error'

/** A file whose insides are read in the worker. */
export type InspectedSource = { url: string; name: string }

/** A column chunk by the index of its row group and of its column. */
export type ChunkPosition = { group: number; leaf: number }

/** How the rows of a file are stored, by its manifest. */
export type StoredRows = { format: 'parquet' | 'avro'; recordCount: number }

/** A footer with the chunks of all row groups in one list, which is sent apart. */
export type SentFooter = {
  footer: Omit<ParquetFooter, 'rowGroups'> & { rowGroups: readonly Omit<RowGroup, 'columns'>[] }
  byteLength: number
}

/** The parts of a file that can be read, with their inputs and results. */
export type Inspections = {
  footer: { input: object; result: SentFooter }
  pages: {
    input: {
      position: ChunkPosition /** Reads the chunk for its page headers, however large it is. */
      readsWhole: boolean
    }
    result: ChunkPagesList
  }
  bloom: { input: { leaf: number; text: string }; result: BloomTest }
  puffin: { input: object; result: PuffinFooter }
  /** The positions of a position delete file. */
  positions: { input: StoredRows; result: DeletePositions }
  rows: { input: StoredRows & { from: number; limit: number }; result: FileRows }
  vector: { input: { offset: number; lengthBytes: number }; result: PositionList }
}
export type InspectionKind = keyof Inspections

/** A request without its id. */
export type InspectionTask = {
  [Kind in InspectionKind]: { kind: Kind; file: InspectedSource } & Inspections[Kind]['input']
}[InspectionKind]

export type InspectionRequest =
  | { kind: 'inspect'; id: number; task: InspectionTask }
  | { kind: 'cancel'; id: number }
  | { kind: 'ping' }

export type InspectionReply =
  /** Chunks of a footer, in the order of row groups and columns. */
  | { kind: 'chunks'; id: number; chunks: readonly ColumnChunk[] }
  | { kind: 'done'; id: number; result: Inspections[InspectionKind]['result'] }
  | { kind: 'failed'; id: number; error: SerializedError }
  | { kind: 'pong' }
