import { mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { toRowValue } from '@/lib/query/session/result-values'
import { startNativeEngine } from './native-engine'

const tempDir = mkdtempSync(path.join(tmpdir(), 'lakeshore-engine-'))
afterAll(() => rmSync(tempDir, { recursive: true }))

it('The DuckDB of a query is locked, and its settings name no folder of the server', async () => {
  const engine = await startNativeEngine({ threads: 1, memoryMiB: 128, tempMiB: 16, tempDir })
  try {
    const settings = new Map<string, string>()
    const sql = 'select name, value from duckdb_settings()'
    for await (const batch of engine.stream(sql, new AbortController().signal)) {
      for (const { name, value } of batch) settings.set(String(name), String(value))
    }
    expect(Object.fromEntries(settings)).toMatchObject({
      allow_community_extensions: 'false',
      autoload_known_extensions: 'false',
      enable_external_access: 'false',
      lock_configuration: 'true',
      secret_directory: '',
      temp_directory: tempDir,
      home_directory: tempDir,
    })
    // DuckDB always allows the files of its own database, which would be in the folder of the process.
    const folders = [...settings].filter(([name, value]) => name !== 'allowed_paths' && /[/\\]/.test(value))
    expect(folders.filter(([, value]) => !value.replace('[', '').startsWith(tempDir))).toEqual([])
    expect([...settings.values()].join('\n')).not.toContain(path.join(homedir(), '.duckdb'))
  } finally {
    engine.end()
  }
})

it('Texts that begin with U+FEFF are returned in full, in nested values too', async () => {
  const engine = await startNativeEngine({ threads: 1, memoryMiB: 128, tempMiB: 16, tempDir })
  try {
    const text = "chr(65279) || 'a long text of more than twelve bytes'"
    const sql = `select ${text}, [${text}], {'f': ${text}}, map {${text}: ${text}}, chr(65279)`
    const rows: unknown[] = []
    for await (const batch of engine.stream(sql, new AbortController().signal))
      rows.push(...batch.data.children.map((column) => toRowValue(column, 0)))
    const expected = '\uFEFFa long text of more than twelve bytes'
    expect(rows).toEqual([expected, [expected], [expected], [[expected, expected]], '\uFEFF'])
  } finally {
    engine.end()
  }
})

it('DESCRIBE, SUMMARIZE and the lists of SHOW are each one SELECT to the DuckDB of a query', async () => {
  const engine = await startNativeEngine({ threads: 1, memoryMiB: 128, tempMiB: 16, tempDir })
  try {
    await engine.query('CREATE TABLE lake.t AS SELECT 1 AS n')
    const first = async (sql: string) => {
      for await (const batch of engine.stream(sql, new AbortController().signal))
        return batch.data.children.map((column) => toRowValue(column, 0)).slice(0, 3)
      return null
    }
    expect(await first('DESCRIBE SELECT * FROM lake.t')).toEqual(['n', 'INTEGER', 'YES'])
    const described = `SELECT * REPLACE (if(column_name IN ('n'), 'NO', "null") AS "null") FROM (DESCRIBE SELECT * FROM lake.t)`
    expect(await first(described)).toEqual(['n', 'INTEGER', 'NO'])
    expect(await first('SUMMARIZE SELECT * FROM lake.t')).toEqual(['n', 'INTEGER', '1'])
    const listed = `SELECT * FROM (VALUES ('demo', 't')) AS shown("namespace", "name") WHERE "name" LIKE 't%' ORDER BY ALL`
    expect(await first(listed)).toEqual(['demo', 't'])
  } finally {
    engine.end()
  }
})
