import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { AppError } from '@/lib/errors'
import { missingMigrations } from './health'
import { openWhenUsed } from './open-when-used'
import { openSqlite } from './sqlite/open'

it('A database that could not be opened is opened by the next use', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'late-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  let attempts = 0
  const database = openWhenUsed(async () => {
    attempts += 1
    if (attempts === 1) throw new AppError('database-unavailable', 'The server is not there yet.')
    return openSqlite(path.join(folder, 'lakeshore.db'))
  })
  await expect(missingMigrations(database)).rejects.toMatchObject({ code: 'database-unavailable' })
  expect(await Promise.all([missingMigrations(database), missingMigrations(database)])).toEqual([[], []])
  expect(attempts).toBe(2)
  await database.close()
})

it('A database that was never used, or never opened, can be closed', async () => {
  await openWhenUsed(() => Promise.reject(new Error('nobody asked for it'))).close()
  const failed = openWhenUsed(() => Promise.reject(new AppError('database-unavailable', 'It is away.')))
  await expect(missingMigrations(failed)).rejects.toThrow('It is away.')
  await expect(failed.close()).resolves.toBeUndefined()
})
