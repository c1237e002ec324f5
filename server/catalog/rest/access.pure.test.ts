import { expect, it } from 'vitest'
import { toRestAccess } from './access'
import type { RestAuth, RestSettings } from './http/settings'

const settings = (auth: RestAuth, uri = 'https://catalog.example.com/api'): RestSettings => ({
  uri,
  warehouse: 'sales',
  prefix: null,
  auth,
  headers: { 'x-key': 'SECRET-header' },
  delegation: 'vended-credentials',
})
const oauth2 = { clientId: 'SECRET-id', clientSecret: 'SECRET', audience: null, resource: null }
const keys = { kind: 'keys' as const, accessKeyId: 'SECRET-key-id', secretAccessKey: 'SECRET' }

it.each<[RestAuth, object]>([
  [{ kind: 'none' }, { kind: 'none' }],
  [{ kind: 'bearer', token: 'SECRET' }, { kind: 'bearer' }],
  [
    { kind: 'oauth2', tokenUri: 'https://u:SECRET@login.example.com/token', scope: 'all', ...oauth2 },
    { kind: 'oauth2', tokenUri: 'https://login.example.com/token', scope: 'all' },
  ],
  [{ kind: 'basic', username: 'SECRET-user', password: 'SECRET' }, { kind: 'basic' }],
  [
    { kind: 'sigv4', region: 'eu-west-1', service: 'glue', credentials: keys },
    { kind: 'sigv4', region: 'eu-west-1', service: 'glue' },
  ],
])('says how to sign in, without any credentials (%#)', (auth, signIn) => {
  const access = toRestAccess(settings(auth))
  expect(access).toEqual({
    uri: 'https://catalog.example.com/api',
    warehouse: 'sales',
    prefix: null,
    signIn,
    delegation: 'vended-credentials',
  })
  expect(JSON.stringify(access)).not.toContain('SECRET')
})

it('leaves out a user name and password in the URL', () => {
  const { uri } = toRestAccess(settings({ kind: 'none' }, 'https://user:SECRET@catalog.example.com/a@b'))
  expect(uri).toBe('https://catalog.example.com/a@b')
})
