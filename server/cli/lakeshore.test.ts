import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { freePort } from '@/testing/processes/free-port'
import { signInAs, createTestHome } from '@/testing/homes/test-home'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { signIn } from '@/server/auth/sign-in/sign-in'
import { listAudit } from '@/server/db/audit-list'
import { findOpenSession } from '@/server/db/auth/sessions'
import { findUserByName } from '@/server/db/auth/users'
import { runLakeshore } from './lakeshore'

const home = createTestHome({ LAKESHORE_PORT: String(await freePort()) })

async function run(args: string, typed: readonly string[] = []) {
  const lines = [...typed]
  const [out, said]: [string[], string[]] = [[], []]
  const code = await runLakeshore(
    args.split(' '),
    {
      print: (line) => out.push(line),
      printMessage: (line) => said.push(line),
      prompt: async () => lines.shift() ?? null,
      signal: new AbortController().signal,
    },
    () => home.services,
  )
  return { code, out: out.join('\n'), said: said.join('\n') }
}

it('sets up a home once and shows the generated password once', async () => {
  const first = JSON.parse((await run('init')).out)
  expect(first).toMatchObject({ host: '127.0.0.1', port: home.config.port, username: 'admin' })
  const admin = await findUserByName(home.database, 'admin')
  expect(admin).toMatchObject({ role: 'admin', hasGeneratedPassword: true })
  expect(await home.services.passwords.matches(first.generatedPassword, admin?.passwordHash ?? null)).toBe(true)
  expect(JSON.parse((await run('init')).out)).toMatchObject({ generatedPassword: null })
})

it('names the user with a generated password until it is changed', async () => {
  const holder = async () => JSON.parse((await run('init')).out).hasGeneratedPassword as unknown
  expect(await holder()).toBe('admin')
  await run('user passwd admin --password-stdin', ['a good password'])
  expect(await holder()).toBeNull()
})

it('sets up nothing when the console cannot listen', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(home.config.port, home.config.host, resolve))
  const { code, out, said } = await run('init --require-port')
  expect([code, out]).toEqual([1, ''])
  expect(said).toBe(
    `Port ${home.config.port} on 127.0.0.1 is in use by another program. Nothing was created and nothing was started. ` +
      'Choose another with --port and --host, or with LAKESHORE_PORT and LAKESHORE_HOST.',
  )
  await new Promise((resolve) => other.close(resolve))
  expect(await run('init --require-port')).toMatchObject({ code: 0, said: '' })
})

it('helps in lines that fit a terminal', async () => {
  const { out } = await run('help')
  const verbs = [...out.matchAll(/^ {2}(\w+) /gm)].map(([, verb]) => verb)
  expect(verbs).toContain('table')
  for (const verb of verbs) {
    const lines = (await run(`${verb} --help`)).out.split('\n')
    expect(lines.length).toBeGreaterThan(2)
    expect(lines.filter((line) => line.length > 120)).toEqual([])
  }
})

it('adds a user with a password from standard input, without a role by default', async () => {
  expect(await run('user add ada --password-stdin', ['a good password'])).toMatchObject({ code: 0 })
  expect(await run('user add bob --role editor --password-stdin', ['a good password'])).toMatchObject({ code: 0 })
  expect((await run('user list')).out.split('\n')).toEqual(
    expect.arrayContaining(['ada\tno role\tactive', 'bob\teditor\tactive']),
  )
  expect((await listAudit(home.database, { limit: 1 }))[0]).toMatchObject({
    action: 'add-user',
    actor: { username: COMMAND_LINE.username },
    after: { user: { username: 'bob', role: 'editor' } },
  })
})

it('adds a service account, which gets no password and is used by its tokens', async () => {
  expect(await run('user add nightly --service --role editor')).toMatchObject({
    code: 0,
    said: expect.stringContaining('service account nightly'),
  })
  expect((await run('user list')).out.split('\n')).toContain('nightly\teditor\tactive\tservice account')
  expect(await findUserByName(home.database, 'nightly')).toMatchObject({ isService: true, passwordHash: null })
  expect(await run('user passwd nightly --password-stdin', ['a good password'])).toMatchObject({
    code: 1,
    said: expect.stringContaining('never signs in'),
  })
  expect((await run('user add two --service --subject s-1')).code).toBe(2)
  expect(await run('token create --user nightly --name load')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^lsh_/),
  })
})

it('refuses a name that is taken, ignoring case', async () => {
  await run('user add cy --password-stdin', ['a good password'])
  const again = await run('user add CY --password-stdin', ['a good password'])
  expect(again.code).toBe(1)
  expect(again.said).toContain('The user CY already exists')
})

it('prompts for a password twice', async () => {
  const { code, said } = await run('user add dee', ['a good password', 'a god password'])
  expect([code, said]).toEqual([1, expect.stringContaining('do not match')])
  expect(await findUserByName(home.database, 'dee')).toBeNull()
})

it('changes a password and ends the user’s sessions', async () => {
  const person = await signInAs(home.services, 'editor')
  expect(await run(`user passwd ${person.username}`, ['another password', 'another password'])).toMatchObject({
    code: 0,
    said: expect.stringContaining('1 session ended'),
  })
  expect(await findOpenSession(home.database, person.sessionId)).toBeNull()
})

it('changes a role, but not that of the last admin', async () => {
  const person = await signInAs(home.services, 'viewer')
  expect(await run(`user role ${person.username} editor`)).toMatchObject({ code: 0 })
  expect((await findUserByName(home.database, person.username))?.role).toBe('editor')
  expect((await listAudit(home.database, { limit: 1 }))[0]).toMatchObject({
    action: 'change-role',
    before: { user: { role: 'viewer' } },
    after: { user: { role: 'editor' } },
  })
  expect(await run(`user role ${person.username} none`)).toMatchObject({ code: 0 })
  expect((await findUserByName(home.database, person.username))?.role).toBeNull()
  const last = await run('user role admin viewer')
  expect([last.code, last.said]).toEqual([1, expect.stringContaining('only admin')])
  expect((await findUserByName(home.database, 'admin'))?.role).toBe('admin')
})

it('lifts the sign-in pause of a user with a new password, whichever address the failed attempts came from', async () => {
  await run('user add gus --password-stdin', ['a good password'])
  const signInFrom = (address: string, password: string) =>
    signIn(home.services, { username: 'GUS', password, address, requestId: 'r' }).then(
      () => 'in',
      (error: { code: string }) => error.code,
    )
  for (const address of ['10.0.0.1', '10.0.0.2']) {
    for (let i = 0; i < 5; i += 1) await signInFrom(address, 'wrong')
    expect(await signInFrom(address, 'a good password')).toBe('too-many-requests')
  }
  expect((await run('user passwd gus --password-stdin', ['another good one'])).code).toBe(0)
  for (const address of ['10.0.0.1', '10.0.0.2']) expect(await signInFrom(address, 'another good one')).toBe('in')
})

it('disables a user at once, shows it in the list, and enables them again', async () => {
  const person = await signInAs(home.services, 'editor')
  const line = async () => (await run('user list')).out.split('\n').find((one) => one.startsWith(person.username))
  expect(await run(`user disable ${person.username.toUpperCase()}`)).toMatchObject({
    code: 0,
    said: `${person.username} is disabled, and so are their tokens; 1 session ended.`,
  })
  expect(await findOpenSession(home.database, person.sessionId)).toBeNull()
  expect(await line()).toBe(`${person.username}\teditor\tdisabled`)
  expect(await run(`token create --user ${person.username} --name spark`)).toMatchObject({
    code: 1,
    out: '',
    said: expect.stringContaining('is disabled'),
  })
  expect((await run(`user enable ${person.username}`)).code).toBe(0)
  expect(await line()).toBe(`${person.username}\teditor\tactive`)
  expect((await listAudit(home.database, { limit: 2 })).map(({ action, actor }) => [action, actor.username])).toEqual([
    ['enable-user', COMMAND_LINE.username],
    ['disable-user', COMMAND_LINE.username],
  ])
})

it('removes a user and keeps their name in the audit', async () => {
  const person = await signInAs(home.services, 'editor')
  expect(await run(`user remove ${person.username}`)).toMatchObject({ code: 0, out: '' })
  expect(await findUserByName(home.database, person.username)).toBeNull()
  expect(await findOpenSession(home.database, person.sessionId)).toBeNull()
  expect((await run('user list')).out).not.toContain(person.username)
  expect((await listAudit(home.database, { limit: 1 }))[0]).toMatchObject({
    action: 'remove-user',
    before: { user: { username: person.username, role: 'editor' } },
    after: null,
  })
})

it.each(['disable', 'remove'])('refuses to %s the last admin who may sign in', async (verb) => {
  const second = await signInAs(home.services, 'admin')
  await run(`user disable ${second.username}`)
  const last = await run(`user ${verb} admin`)
  expect([last.code, last.said]).toEqual([1, expect.stringContaining('only admin who may sign in')])
  expect(await findUserByName(home.database, 'admin')).toMatchObject({ role: 'admin', disabledAtMs: null })
  expect((await run(`user remove ${second.username}`)).code).toBe(0)
})

it.each([
  ['user add --password-stdin', 'user name is missing'],
  ['user add a b --password-stdin', 'unexpected argument "b"'],
  ['user add eve --role chef --password-stdin', 'not "chef"'],
  ['user role eve --role editor', '--role belongs to user add'],
  ['user retire eve', 'unknown action "retire"'],
  ['user remove', 'user name is missing'],
  ['user disable a b', 'unexpected argument "b"'],
  ['user list --fast', '--fast'],
  ['user', 'no action given'],
  ['init --port', '--port'],
])('names what is wrong with: lakeshore %s', async (args, words) => {
  const { code, said } = await run(args, ['a good password'])
  expect([code, said]).toEqual([2, expect.stringContaining(words)])
})

it.each([
  ['user passwd nobody --password-stdin', 'There is no user nobody'],
  ['user disable nobody', 'There is no user nobody'],
  ['user enable nobody', 'There is no user nobody'],
  ['user remove nobody', 'There is no user nobody'],
  ['user add x/y --password-stdin', 'A username has'],
])('says why it failed: lakeshore %s', async (args, words) => {
  const { code, said } = await run(args, ['a good password'])
  expect([code, said]).toEqual([1, expect.stringContaining(words)])
})

it('lists its commands, and reports an unknown one', async () => {
  expect(await run('help')).toMatchObject({ code: 0, out: expect.stringMatching(/init.*\n.*user/) })
  expect(await run('user --help')).toMatchObject({
    code: 0,
    out: expect.stringContaining('npm run lakeshore -- user passwd'),
  })
  expect(await run('toString')).toMatchObject({ code: 2, said: expect.stringContaining('Unknown command "toString"') })
})
