import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openDuckdbSession } from './duckdb-session'

const stagingDir = mkdtempSync(path.join(tmpdir(), 'lakeshore-session-'))

afterAll(() => {
  rmSync(stagingDir, { recursive: true })
})

const GROUPS = 'SELECT a FROM (SELECT md5(i::VARCHAR) a FROM range(3000000) r(i)) GROUP BY a HAVING count(*) > 1'

it('A load takes no more disk for what does not fit into memory than it may', async () => {
  const open = (tempMiB: number) =>
    openDuckdbSession(
      { inputPath: path.join(stagingDir, 'none.csv'), stagingDir },
      { memoryMiB: 64, threads: 1, tempMiB },
    )
  const narrow = await open(4)
  try {
    await expect(narrow.rows(GROUPS)).rejects.toThrow(/max_temp_directory_size/)
  } finally {
    narrow.close()
  }
  const wide = await open(4096)
  try {
    expect(await wide.rows(GROUPS)).toEqual([])
  } finally {
    wide.close()
  }
})

it('A session for many columns does not look for equal expressions', async () => {
  const settingOf = async (hasManyColumns: boolean) => {
    const limits = { memoryMiB: 64, threads: 1, tempMiB: 64, ...(hasManyColumns && { hasManyColumns }) }
    const session = await openDuckdbSession({ inputPath: null, stagingDir }, limits)
    try {
      return await session.rows("SELECT current_setting('disabled_optimizers') AS setting")
    } finally {
      session.close()
    }
  }
  expect(await settingOf(true)).toEqual([{ setting: 'common_subexpressions' }])
  expect(await settingOf(false)).toEqual([{ setting: '' }])
})
