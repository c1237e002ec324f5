import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll } from 'vitest'
import { serverAdapter } from '@/testing/duckdb/server-adapter'
import { testSqlZones } from '@/testing/duckdb/test-sql-zones'

const tempDir = mkdtempSync(path.join(tmpdir(), 'lakeshore-sql-zones-'))
afterAll(() => rmSync(tempDir, { recursive: true }))

testSqlZones(async (access) => serverAdapter(access, { threads: 2, memoryMiB: 512, tempMiB: 512, tempDir }))
