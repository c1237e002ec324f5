import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { QueryEngine } from '@/lib/query/engine'
import { type CorpusRows, runInAdapter, runNatively } from './corpus-rows'
import { type CorpusSessionDeps, corpusSessionDeps } from './corpus-session'
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

export type OpenAdapter = (deps: CorpusSessionDeps) => Promise<Pick<QueryEngine, 'run'>>

/** Writes the tables, and opens them in native DuckDB and in an adapter. */
export async function openSqlCorpus(openAdapter: OpenAdapter): Promise<SqlCorpus> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-sql-corpus-'))
  const instance = await DuckDBInstance.create(':memory:')
  const native = await instance.connect()
  await native.run("set TimeZone = 'UTC'; attach ':memory:' as lab; create schema demo; create schema lab.demo")
  for (const { name, rows, fields } of CORPUS_TABLES) {
    const file = path.join(folder, `${name}.parquet`)
    await native.run(`copy (${rows}) to '${file}' (format parquet, field_ids ${toFieldIds(fields)})`)
    await native.run(`create view ${name} as from read_parquet('${file}')`)
  }
  const engine = await openAdapter(await corpusSessionDeps(native, folder))
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

function toFieldIds(fields: readonly NestedField[]): string {
  const entries = fields.map(({ id, name, type }) => `"${name}": ${toFieldId(id, type)}`)
  return `{${entries.join(', ')}}`
}

function toFieldId(id: number, type: Type): string {
  if (typeof type === 'string') return String(id)
  const own = `__duckdb_field_id: ${id}`
  switch (type.type) {
    case 'struct':
      return `{${own}, ${toFieldIds(type.fields).slice(1)}`
    case 'list':
      return `{${own}, element: ${toFieldId(type.elementId, type.element)}}`
    case 'map':
      return `{${own}, key: ${toFieldId(type.keyId, type.key)}, value: ${toFieldId(type.valueId, type.value)}}`
  }
}
