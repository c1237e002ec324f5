import { expect, it } from 'vitest'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { deleteGrantChange, putGrantChanges } from '@/server/db/auth/grants'
import { disableUser, enableUser, removeUser } from '@/server/db/auth/users'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { runActor } from './run-actor'

/** Permissions of a user in a run that they queued earlier. */

const home = createTestHome()
const ON = { catalog: 'local', namespace: ['ours'], table: 't' }
const NEEDS = [{ permission: 'table:write', resource: ON }] as const

function start(user: { userId: string; username: string }) {
  const { userId, username } = user
  return runActor(home.database, { kind: 'ingest', actor: { userId, username, role: 'editor' } }, NEEDS)
}

it('A run acts with the grants that its user has when it starts', async () => {
  const user = await signInAs(home.services, null)
  const lost = `${user.username}, who started this run, no longer has the permission table:write on ours.t.`
  const refusal = expect.objectContaining({ code: 'forbidden', message: expect.stringContaining(lost) })
  await expect(start(user)).rejects.toEqual(refusal)
  const holder = { kind: 'user', id: user.userId } as const
  await home.database.commit(
    putGrantChanges({ grantId: 'g', holder, role: 'editor', resource: ON, createdBy: 'a test' }),
  )
  expect(await start(user)).toMatchObject({ userId: user.userId, role: null, origin: { kind: 'job', job: 'ingest' } })
  await home.database.commit([deleteGrantChange('g')])
  await expect(start(user)).rejects.toEqual(refusal)
})

it('A disabled or removed user begins nothing, whatever they were granted', async () => {
  const user = await signInAs(home.services, 'admin')
  const ended = (word: string) =>
    expect.objectContaining({
      code: 'forbidden',
      message: `${user.username}, who started this run, has been ${word}. The run did not begin.`,
    })
  await signInAs(home.services, 'admin')
  expect(await start(user)).toMatchObject({ role: 'admin' })
  await disableUser(home.database, user.userId)
  await expect(start(user)).rejects.toEqual(ended('disabled'))
  await enableUser(home.database, user.userId)
  expect(await start(user)).toMatchObject({ role: 'admin' })
  await removeUser(home.database, user.userId)
  await expect(start(user)).rejects.toEqual(ended('removed'))
})

it('The command line is not a user of the console, and keeps its role', async () => {
  expect(await start(COMMAND_LINE)).toMatchObject({ role: 'editor' })
})
