import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { QueryEngine } from '@/lib/query/engine'
import { type ParquetTableAccess, writeParquetTables } from '../parquet-tables'
import { type CorpusRows, runInAdapter, runNatively } from './corpus-rows'
import { CORPUS_TABLES } from './corpus-tables'

/**
 * A corpus of statements, by DuckDB through a whole adapter (names resolved, columns loaded, SQL rewritten, results
 * decoded) and by native DuckDB over the same Parquet files.
 */
export type SqlCorpus = {
  runNatively(sql: string): Promise<CorpusRows>
  runInAdapter(sql: string): Promise<CorpusRows>
  close(): void
}

export type OpenAdapter = (access: ParquetTableAccess) => Promise<Pick<QueryEngine, 'run'>>

/** Writes the tables, and opens them in native DuckDB and in an adapter. */
export async function openSqlCorpus(openAdapter: OpenAdapter): Promise<SqlCorpus> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-sql-corpus-'))
  const instance = await DuckDBInstance.create(':memory:')
  const native = await instance.connect()
  await native.run("set TimeZone = 'UTC'; attach ':memory:' as lab; create schema demo; create schema lab.demo")
  const engine = await openAdapter(await writeParquetTables(native, folder, CORPUS_TABLES))
  return {
    runNatively: (sql) => runNatively(native, sql),
    runInAdapter: (sql) => runInAdapter(engine, sql),
    close: () => {
      native.closeSync()
      instance.closeSync()
      rmSync(folder, { recursive: true })
    },
  }
}
