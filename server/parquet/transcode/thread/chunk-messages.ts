import 'server-only'
import type { Encoding } from '@/lib/parquet/footer'
import type { PageKind } from '@/lib/parquet/write/file-metadata'
import type { PageContents } from '../chunk-summary'
import type { ChunkInput } from '../transcode-chunk'

/** The messages between a program and a thread that transcodes column chunks of its files. They can be posted. */

/** A column chunk of a file of this machine. */
export type ChunkJob = Pick<ChunkInput, 'node' | 'chunk' | 'firstRow' | 'rowCount' | 'layout'> & { file: string }

export type RecordedPage = {
  /** Header, levels and body as they are stored. */
  bytes: Uint8Array<ArrayBuffer>
  encodedBytes: number
  contents: { kind: 'dictionary'; encoding: Encoding } | { kind: Exclude<PageKind, 'dictionary'>; page: PageContents }
}

/** `taken`: bytes of pages that the program has received and no longer waits to write. */
export type ToChunkThread = { kind: 'transcode'; job: ChunkJob } | { kind: 'taken'; byteLength: number }

/** For each job its pages, then `done` or `failed`; in the order of the jobs. */
export type FromChunkThread =
  | { kind: 'pages'; pages: readonly RecordedPage[] }
  | { kind: 'done'; hasSplitRows: boolean; bloomFilter: Uint8Array<ArrayBuffer> | null }
  | { kind: 'failed'; reason: string }
