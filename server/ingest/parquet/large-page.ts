import 'server-only'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount } from '@/lib/format/count'
import { DamagedParquet, OversizedParquet, UnsupportedParquet } from '@/lib/parquet/errors'
import { withFileSource } from '@/server/parquet/transcode/local-file'
import { readStoredPages } from '@/server/parquet/transcode/read-stored-pages'
import { readInputFooter } from './parquet-columns'

/** DuckDB holds a page as a whole, more than once, in the memory of a load. */
const LARGE_PAGE_BYTES = 64 * 1024 * 1024

/** An error of a Parquet file that needs too much memory, with the first page that is the reason. */
export async function explainMemory(error: AppError, path: string): Promise<AppError> {
  const page = await findLargePage(path)
  if (page === null) return error
  const { column, row } = page
  return new AppError(
    'too-large',
    `${error.message} Column ${column} of the file has a page of more than ${formatBytes(LARGE_PAGE_BYTES)}, from row ${formatCount(row)} on. Write the file again with smaller values or row groups, or leave the column out.`,
    { cause: error, facts: { column, line: row } },
  )
}

async function findLargePage(path: string): Promise<{ column: string; row: number } | null> {
  const footer = await readInputFooter(path)
  if (footer === null) return null
  const { rowGroups, leaves } = footer
  return withFileSource(path, async (source) => {
    for (const { columns, firstRow } of rowGroups)
      for (const chunk of columns) {
        if (chunk.encodedBytes <= LARGE_PAGE_BYTES) continue
        const [column = '', ...inner] = leaves[chunk.leaf]?.path ?? []
        let row = firstRow + 1
        try {
          for await (const { header } of readStoredPages(source, chunk, { maxPageBytes: LARGE_PAGE_BYTES }))
            if (header.kind !== 'dictionary' && inner.length === 0) row += header.valueCount
        } catch (error) {
          if (error instanceof OversizedParquet) return { column, row }
          if (!(error instanceof DamagedParquet || error instanceof UnsupportedParquet)) throw error
        }
      }
    return null
  })
}
