import { describe, expect, it } from 'vitest'
import type { OidcSettings } from '@/server/config/oidc-settings'
import { readPerson } from './provider-person'

const SETTINGS: OidcSettings = {
  issuer: 'https://id.example',
  name: 'Example ID',
  clientId: 'console',
  clientSecret: null,
  scopes: 'openid',
  claims: { username: 'preferred_username', displayName: 'name', groups: 'groups' },
  groupNames: null,
  newUserRole: null,
  createsUsers: true,
  audiences: [],
}

const personFor = (claims: Record<string, unknown>, settings: Partial<OidcSettings> = {}) =>
  readPerson({ ...SETTINGS, ...settings }, { sub: 's', ...claims })
const groupsFor = (groups: unknown, settings?: Partial<OidcSettings>) => personFor({ groups }, settings).groups

describe('The username of a person', () => {
  it.each([
    ['ada', 'ada'],
    ['Ada.Lovelace@Example.com', 'Ada.Lovelace@Example.com'],
    ['Ada Lovelace', 'Ada-Lovelace'],
    ['élodie', 'elodie'],
    ['--root', 'root'],
    ['x'.repeat(100), 'x'.repeat(64)],
    ['\u202Eadmin', 'admin'],
    ['田中', null],
    ['', null],
    [42, null],
    [undefined, null],
  ])('%j is %j', (claim, username) => {
    expect(personFor({ preferred_username: claim }).username).toBe(username)
  })
})

describe('The groups of a person', () => {
  it('are in order, once each, and not those that no group here can be called', () => {
    expect(groupsFor(['b', 'a', 'b', '', 'line\nbreak', 'x'.repeat(129)])).toEqual(['a', 'b'])
  })

  it('never are the group that all users are in, or look like it', () => {
    expect(groupsFor(['everyone', 'Everyone ', '\u0435veryone', 'every\u200bone', 'everyone-else'])).toEqual([
      'everyone-else',
    ])
  })

  it('may be one text, and are unknown without the claim', () => {
    expect(groupsFor('one')).toEqual(['one'])
    expect(groupsFor(undefined)).toBeNull()
    expect(groupsFor(null)).toBeNull()
  })

  it('are those of the settings when these name some, however many the provider names', () => {
    const groupNames = new Map([['id-1', 'engineers']])
    const many = Array.from({ length: 1_000 }, (_, i) => `id-${i}`)
    expect(groupsFor(many, { groupNames })).toEqual(['engineers'])
    expect(groupsFor(['engineers'], { groupNames })).toEqual([])
  })

  it('may be in an object, and a claim with dots in its name comes first', () => {
    const nested = { ...SETTINGS.claims, groups: 'realm_access.roles' }
    expect(personFor({ realm_access: { roles: ['r'] } }, { claims: nested }).groups).toEqual(['r'])
    expect(
      personFor({ 'realm_access.roles': ['s'], realm_access: { roles: ['r'] } }, { claims: nested }).groups,
    ).toEqual(['s'])
    expect(personFor({ realm_access: 'text' }, { claims: nested }).groups).toBeNull()
    expect(personFor({}, { claims: { ...nested, groups: '__proto__.constructor' } }).groups).toBeNull()
  })

  it('are refused when they are too many, or no texts', () => {
    expect(() => groupsFor(Array.from({ length: 201 }, (_, i) => `g${i}`))).toThrow(/more than 200/)
    expect(() => groupsFor(Array.from({ length: 5_001 }, () => 'g'))).toThrow(/more than 200/)
    expect(() => groupsFor([{ name: 'g' }])).toThrow(/not a list of texts/)
  })
})

describe('The subject of a person', () => {
  it.each([[undefined], [''], [7], ['x'.repeat(256)], ['a\nb']])('cannot be %j', (sub) => {
    expect(() => readPerson(SETTINGS, { sub })).toThrow(/subject/)
  })
})
