import { expect, it } from 'vitest'
import { lesserRole, ROLE_PERMISSIONS, ROLES, rolesUpTo } from './permissions'

it('lists roles so that each has all permissions of the one before', () => {
  ROLES.reduce((lesser, role) => {
    expect(ROLE_PERMISSIONS[role]).toEqual(expect.arrayContaining([...ROLE_PERMISSIONS[lesser]]))
    return role
  })
})

it('returns the role with fewer permissions, in either order', () => {
  for (const one of ROLES) {
    for (const other of ROLES) {
      const lesser = lesserRole(one, other)
      expect(lesser).toBe(lesserRole(other, one))
      expect([one, other]).toContain(lesser)
      for (const role of [one, other]) expect(rolesUpTo(role)).toContain(lesser)
    }
  }
})

it.each([
  ['viewer', ['viewer']],
  ['editor', ['viewer', 'editor']],
  ['admin', ['viewer', 'editor', 'admin']],
] as const)('lets a %s grant %j', (role, upTo) => {
  expect(rolesUpTo(role)).toEqual(upTo)
})
