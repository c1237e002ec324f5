import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll } from 'vitest'
import { serverAdapter } from '@/testing/duckdb/server-adapter'
import { describeSqlCorpus } from '@/testing/duckdb/sql-corpus/describe-sql-corpus'
import { NAME_DIFFERENCES } from '@/testing/duckdb/sql-corpus/name-differences'

const tempDir = mkdtempSync(path.join(tmpdir(), 'lakeshore-native-engine-'))

afterAll(() => rmSync(tempDir, { recursive: true }))

describeSqlCorpus(
  'SQL on the server gives what native DuckDB gives',
  async (access) => serverAdapter(access, { threads: 2, memoryMiB: 512, tempMiB: 512, tempDir }),
  NAME_DIFFERENCES,
)
