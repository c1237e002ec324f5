import { randomBytes } from 'node:crypto'
import { chownSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import {
  captureErrorCode,
  errorWith,
  insertNumberChanges,
  SELECT_ONE,
  openForTest,
  createNumberedTable,
  selectRows,
  readStoredNumbers,
} from '@/testing/databases/postgres-faults'
import { POSTGRES_AGES, installPostgres } from '@/testing/databases/install-postgres'
import { type PostgresServer, startPostgres } from '@/testing/databases/postgres-server'
import { canMountDisk, mountSmallDisk } from '@/testing/faults/small-disk'
import { rawChange } from '@/testing/databases/test-sql'
import { findUnprivilegedUser } from '@/testing/processes/unprivileged-user'

const program =
  canMountDisk() && (await installOrSkip('PostgreSQL', () => Promise.all(POSTGRES_AGES.map(installPostgres))))

describe.skipIf(!program).each(POSTGRES_AGES)(
  'The %s PostgreSQL (skipped if it is not available, or no disk can be mounted)',
  (age) => {
    let server: PostgresServer

    beforeAll(async () => {
      server = await startPostgres({ age, isDurable: false })
    })
    afterAll(() => server?.stop())

    test('on a full disk refuses a change that has no room, changes nothing, and accepts it once there is room', async () => {
      const disk = mountSmallDisk(64)
      if (!disk) throw new Error('a disk could be mounted before')
      const user = await findUnprivilegedUser()
      if (user) chownSync(disk.folder, user.uid, user.gid)
      onTestFinished(disk.remove)
      await selectRows(server.url, `CREATE TABLESPACE small LOCATION '${disk.folder}'`)
      await selectRows(server.url, 'CREATE DATABASE lake TABLESPACE small')
      const url = Object.assign(new URL(server.url), { pathname: 'lake' }).href
      await createNumberedTable(url)
      const database = await openForTest(url)
      onTestFinished(async () => {
        await database.close()
        await selectRows(server.url, 'DROP DATABASE lake WITH (FORCE)')
        await selectRows(server.url, 'DROP TABLESPACE small')
      })
      await database.commit([rawChange('CREATE TABLE filling (bytes bytea)')])
      await database.commit(insertNumberChanges(1))
      disk.fill()
      const fill = rawChange('INSERT INTO filling VALUES (?)', [randomBytes(1024 * 1024)])
      await expect(database.commit([...insertNumberChanges(2), fill])).rejects.toEqual(
        errorWith('storage-full', /disk of the database is full. Nothing was changed/),
      )
      expect(await readStoredNumbers(url)).toEqual([1])
      expect(await database.read(SELECT_ONE)).toEqual([{ one: 1 }])
      disk.freeSpace()
      expect(await captureErrorCode(database.commit([...insertNumberChanges(2), fill]))).toBe('done')
      expect(await readStoredNumbers(url)).toEqual([1, 2])
    })
  },
)
