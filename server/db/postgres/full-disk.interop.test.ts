import { randomBytes } from 'node:crypto'
import { chownSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { peer } from '@/scripts/interop/peer'
import {
  codeOf,
  failsWith,
  numberChanges,
  ONE,
  openForTest,
  prepareNumbered,
  rowsOf,
  storedNumbers,
} from '@/scripts/postgres-faults'
import { POSTGRES_AGES, postgresProgram } from '@/scripts/postgres-program'
import { type PostgresServer, startPostgres } from '@/scripts/postgres-server'
import { canMountDisk, smallDisk } from '@/scripts/small-disk'
import { rawChange } from '@/scripts/test-sql'
import { unprivilegedUser } from '@/scripts/unprivileged-user'

const program = canMountDisk() && (await peer('PostgreSQL', () => Promise.all(POSTGRES_AGES.map(postgresProgram))))

describe.skipIf(!program).each(POSTGRES_AGES)(
  'The %s PostgreSQL (skipped where it cannot be had, or no disk can be mounted)',
  (age) => {
    let server: PostgresServer

    beforeAll(async () => {
      server = await startPostgres({ age, isDurable: false })
    })
    afterAll(() => server?.stop())

    test('on a full disk refuses what has no room, changes nothing, and takes it once there is room', async () => {
      const disk = smallDisk(64)
      if (!disk) throw new Error('a disk could be mounted before')
      const user = await unprivilegedUser()
      if (user) chownSync(disk.folder, user.uid, user.gid)
      onTestFinished(disk.remove)
      await rowsOf(server.url, `CREATE TABLESPACE small LOCATION '${disk.folder}'`)
      await rowsOf(server.url, 'CREATE DATABASE lake TABLESPACE small')
      const url = Object.assign(new URL(server.url), { pathname: 'lake' }).href
      await prepareNumbered(url)
      const database = await openForTest(url)
      onTestFinished(async () => {
        await database.close()
        await rowsOf(server.url, 'DROP DATABASE lake WITH (FORCE)')
        await rowsOf(server.url, 'DROP TABLESPACE small')
      })
      await database.commit([rawChange('CREATE TABLE filling (bytes bytea)')])
      await database.commit(numberChanges(1))
      disk.fill()
      const fill = rawChange('INSERT INTO filling VALUES (?)', [randomBytes(1024 * 1024)])
      await expect(database.commit([...numberChanges(2), fill])).rejects.toEqual(
        failsWith('storage-full', /disk of the database is full. Nothing was changed/),
      )
      expect(await storedNumbers(url)).toEqual([1])
      expect(await database.read(ONE)).toEqual([{ one: 1 }])
      disk.makeRoom()
      expect(await codeOf(database.commit([...numberChanges(2), fill]))).toBe('done')
      expect(await storedNumbers(url)).toEqual([1, 2])
    })
  },
)
