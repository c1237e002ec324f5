import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ReserveMemory } from '@/lib/parquet/values'
import type { ChunkPages } from '../chunk-pages'
import type { Vector } from './vector'

export type FetchGroupOptions = {
  /** Rows of the row group; `to` is exclusive. */
  from: number
  to: number
  fields: readonly NestedField[]
  /** Column chunks by the index of their leaf; missing ones are added. */
  chunks: ChunkCache
  /** Whether all rows of the row group are read. */
  readsWhole?: boolean
  reserveMemory: ReserveMemory
  signal?: AbortSignal | undefined
}

type ChunkCache = { get(leaf: number): ChunkPages | undefined; set(leaf: number, chunk: ChunkPages): unknown }

/** Columns in the order of the fields, for rows from `from` to before `to`; called in any order. */
export type ReadVectors = (from: number, to: number, reserveMemory: ReserveMemory) => Vector[]
