import { beforeAll, expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { authenticateBearer } from '@/server/auth/authenticate-bearer'
import { toTokens } from '@/server/auth/tokens/to-token'
import { listAudit } from '@/server/db/audit-list'
import { listTokens } from '@/server/db/auth/tokens'
import { addUser, findUserByName } from '@/server/db/auth/users'
import { runLakeshore } from './lakeshore'

const home = createTestHome()
beforeAll(async () => {
  for (const [username, role] of [
    ['ada', 'admin'],
    ['vic', 'viewer'],
  ] as const) {
    await addUser(home.database, { username, passwordHash: '', hasGeneratedPassword: false, role })
  }
})

async function run(...args: string[]) {
  const [out, said]: [string[], string[]] = [[], []]
  const code = await runLakeshore(
    ['token', ...args],
    {
      print: (line) => out.push(line),
      printMessage: (line) => said.push(line),
      prompt: async () => null,
      signal: new AbortController().signal,
    },
    () => home.services,
  )
  return { code, out, said: said.join('\n') }
}

const tokenActor = (text = '') =>
  authenticateBearer(home.services, new Request('http://test/', { headers: { authorization: `Bearer ${text}` } }))

it('prints only the token, so that a script can store it', async () => {
  const { code, out, said } = await run('create', '--user', 'ada', '--name', 'spark', '--role', 'admin', '--days', '7')
  expect([code, out]).toEqual([0, [expect.stringMatching(/^lsh_\w+$/)]])
  expect(said).toMatch(/spark acts for ada as admin until \d{4}-\d\d-\d\d/)
  expect(said).not.toContain(out[0])
  expect(await tokenActor(out[0])).toMatchObject({ username: 'ada', role: 'admin' })
  expect((await listAudit(home.database, { limit: 1 }))[0]).toMatchObject({
    action: 'create-token',
    actor: { username: COMMAND_LINE.username },
  })
})

it('creates an editor token by default, and a viewer token for a viewer', async () => {
  for (const [user, role] of [
    ['ada', 'editor'],
    ['vic', 'viewer'],
  ] as const) {
    const { out } = await run('create', '--user', user, '--name', 'nightly run')
    expect(await tokenActor(out[0])).toMatchObject({ role })
  }
})

it('lists tokens without their secrets, and revokes one at once', async () => {
  const made = await run('create', '--user', 'vic', '--name', 'duckdb')
  const [, tokenId = '', secret = ''] = made.out[0]?.split('_') ?? []
  const listed = await run('list', '--user', 'vic')
  expect(listed.out.find((line) => line.startsWith(tokenId))).toMatch(/^\w+\tduckdb\tvic\tviewer\tlive\t[\d-]+\tnever$/)
  expect(listed.out.join()).not.toContain(secret)
  expect((await run('list')).out.length).toBe((await listTokens(home.database)).length)

  await tokenActor(made.out[0])
  expect(await run('revoke', tokenId)).toMatchObject({ code: 0, out: [], said: 'duckdb of vic is revoked.' })
  await expect(tokenActor(made.out[0])).rejects.toMatchObject({ code: 'unauthenticated' })
  expect((await run('list')).out.find((line) => line.startsWith(tokenId))).toMatch(/\trevoked\t[\d-]+\t\d{4}-/)
  expect((await run('revoke', tokenId)).code).toBe(1)
})

it.each([
  ['create --name spark', '--user is missing'],
  ['create --user ada', '--name is missing'],
  ['create --user ada --name spark --role chef', 'not "chef"'],
  ['create --user ada --name spark --days soon', 'not "soon"'],
  ['create more --user ada --name spark', 'unexpected argument "more"'],
  ['list more', 'unexpected argument "more"'],
  ['list --name spark', '--name belongs to token create'],
  ['revoke', 'the token id is missing'],
  ['revoke a b', 'unexpected argument "b"'],
  ['revoke a --user ada', '--user belongs to'],
  ['renew', 'unknown action "renew"'],
  ['', 'no action given'],
])('names what is wrong with: lakeshore token %s', async (args, words) => {
  const { code, said } = await run(...args.split(' ').filter((word) => word !== ''))
  expect([code, said]).toEqual([2, expect.stringContaining(words)])
})

it.each([
  ['create --user nobody --name spark', 'There is no user nobody'],
  ['create --user vic --name spark --role editor', 'viewer at most'],
  ['create --user ada --name spark --days 366', '1 to 365'],
  ['list --user nobody', 'There is no user nobody'],
  ['revoke nothing', 'Token not found'],
])('says why it failed: lakeshore token %s', async (args, words) => {
  const before = (await listTokens(home.database)).length
  const { code, out, said } = await run(...args.split(' '))
  expect([code, out, said]).toEqual([1, [], expect.stringContaining(words)])
  expect(await listTokens(home.database)).toHaveLength(before)
  expect(await findUserByName(home.database, 'nobody')).toBeNull()
})

it('rotates a token, prints only the new one, and lets the old one live for the overlap', async () => {
  const [old = ''] = (await run('create', '--user', 'ada', '--name', 'rotated')).out
  const tokenId = old.split('_')[1] ?? ''
  const first = await run('rotate', tokenId, '--overlap', '1h')
  expect([first.code, first.out]).toEqual([0, [expect.stringMatching(/^lsh_\w+$/)]])
  expect(first.said).toMatch(/^rotated of ada has a new secret; the old one ends \d{4}-/)
  for (const text of [old, first.out[0]]) expect(await tokenActor(text)).toMatchObject({ username: 'ada' })
  const second = await run('rotate', tokenId, '--overlap', '0')
  expect(second.said).toContain('the old one has ended')
  for (const text of [old, first.out[0]]) {
    await expect(tokenActor(text)).rejects.toMatchObject({ code: 'unauthenticated' })
  }
  expect(await tokenActor(second.out[0])).toMatchObject({ username: 'ada' })
  expect((await listAudit(home.database, { limit: 1 }))[0]).toMatchObject({ action: 'rotate-token' })
  expect((await run('rotate', tokenId, '--overlap', '2h')).code).toBe(2)
  expect((await run('rotate', 'none')).code).toBe(1)
})

it('lists the old secret of a rotated token until the token is revoked', async () => {
  const [old = ''] = (await run('create', '--user', 'ada', '--name', 'ended')).out
  const tokenId = old.split('_')[1] ?? ''
  const columns = async () => (await run('list')).out.find((line) => line.startsWith(tokenId))?.split('\t') ?? []
  await run('rotate', tokenId, '--overlap', '24h')
  expect((await columns()).slice(4)).toEqual([
    'live',
    expect.any(String),
    'never',
    expect.stringMatching(/Z$/),
    'never',
  ])
  const toOldSecret = async () => {
    const tokens = await toTokens(home.database, await listTokens(home.database))
    return tokens.find((token) => token.tokenId === tokenId)?.oldSecret
  }
  expect(await toOldSecret()).toMatchObject({ lastUsedAtMs: null })
  await run('revoke', tokenId)
  expect((await columns()).slice(4)).toEqual(['revoked', expect.any(String), 'never'])
  expect(await toOldSecret()).toBeNull()
})
