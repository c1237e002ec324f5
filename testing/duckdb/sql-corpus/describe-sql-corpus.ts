import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import type { CorpusRows } from './corpus-rows'
import { CORPUS_STATEMENTS } from './corpus-statements'
import { type OpenAdapter, openSqlCorpus, type SqlCorpus } from './open-sql-corpus'

/** A statement whose result in an adapter is not that of native DuckDB. */
export type CorpusDifference = {
  sql: string
  reason: string
  native: CorpusRows
  /** The adapter's result, or the error with which it refuses the statement. */
  adapter: CorpusRows | Pick<AppError, 'code' | 'message'>
}

/**
 * Compares an adapter with native DuckDB over the corpus: the names of the columns and all rows have to be equal, except
 * for the listed differences, which have to be exactly as listed.
 */
export function describeSqlCorpus(
  title: string,
  openAdapter: OpenAdapter,
  differences: readonly CorpusDifference[],
): void {
  let corpus: SqlCorpus
  const differing = new Set(differences.map(({ sql }) => sql))

  beforeAll(async () => {
    corpus = await openSqlCorpus(openAdapter)
  })
  afterAll(() => corpus.close())

  describe(title, () => {
    test('in at least 200 statements', () => {
      expect(new Set(CORPUS_STATEMENTS).size).toBe(CORPUS_STATEMENTS.length)
      expect(CORPUS_STATEMENTS.length - differing.size).toBeGreaterThanOrEqual(200)
      expect(CORPUS_STATEMENTS).toEqual(expect.arrayContaining([...differing]))
    })

    test.each(CORPUS_STATEMENTS.filter((sql) => !differing.has(sql)))('%s', async (sql) => {
      expect(await corpus.runInAdapter(sql)).toEqual(await corpus.runNatively(sql))
    })

    test.each(differences)('except $sql: $reason', async ({ sql, native, adapter }) => {
      expect(adapter).not.toEqual(native)
      expect(await corpus.runNatively(sql)).toEqual(native)
      expect(await corpus.runInAdapter(sql).catch(toRefusal)).toEqual(adapter)
    })
  })
}

/** A failure that is no AppError is one of the test itself. */
function toRefusal(error: unknown): Pick<AppError, 'code' | 'message'> {
  if (!(error instanceof AppError)) throw error
  const { code, message } = error
  return { code, message }
}
