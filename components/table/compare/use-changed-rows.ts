import { useCallback, useEffect, useRef, useState } from 'react'
import type { ComparisonWorker } from '@/lib/client/comparison/comparison-worker'
import { AppError } from '@/lib/errors'
import { evictLeastRecent, LruMap } from '@/lib/scan/lru-map'
import type { ChangedRows, ChangeFilter } from '@/lib/scan/compare/snapshot-comparison'

const BLOCK_ROWS = 64
const MAX_BLOCKS = 64

type Block = ChangedRows | AppError | 'reading'

/** A row of a comparison, within the block that it was read with. */
export type ChangedRow = { rows: ChangedRows; index: number }

/** The rows of a comparison that are on screen, read in blocks; those used last are in memory. */
export function useChangedRows(worker: Pick<ComparisonWorker, 'read'>, filter: ChangeFilter, rowCount: number) {
  const [blocks] = useState(() => new LruMap<number, Block>())
  // Another object when rows were read, so that the grid draws them.
  const [view, setView] = useState({ blocks })
  // The block cache belongs to one comparison and filter: another one mounts its own component.
  const isMounted = useRef(true)
  useEffect(() => {
    isMounted.current = true
    return () => {
      isMounted.current = false
    }
  }, [])

  const requestRows = useCallback(
    (firstRow: number, lastRow: number) => {
      const end = Math.min(lastRow, rowCount)
      for (let block = Math.floor(firstRow / BLOCK_ROWS); block * BLOCK_ROWS < end; block++) {
        const known = blocks.get(block)
        // Rows that could not be read are requested again when they come into view again.
        if (known !== undefined && !(known instanceof AppError)) continue
        blocks.set(block, 'reading')
        const store = (read: Block) => {
          if (!isMounted.current) return
          blocks.set(block, read)
          evictLeastRecent(blocks, MAX_BLOCKS, () => 1)
          setView({ blocks })
        }
        const range = { from: block * BLOCK_ROWS, to: Math.min(rowCount, (block + 1) * BLOCK_ROWS) }
        worker
          .read(filter, range)
          .then(store, (error: unknown) =>
            store(error instanceof AppError ? error : new AppError('internal', String(error))),
          )
      }
    },
    [blocks, worker, filter, rowCount],
  )

  const rowAt = useCallback(
    (row: number): ChangedRow | AppError | undefined => {
      const block = view.blocks.get(Math.floor(row / BLOCK_ROWS))
      if (block === undefined || block === 'reading') return undefined
      return block instanceof AppError ? block : { rows: block, index: row % BLOCK_ROWS }
    },
    [view],
  )
  return { requestRows, rowAt }
}
