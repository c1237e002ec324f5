import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { oidcFields } from './oidc-settings'

const parse = (LAKESHORE_OIDC_GROUPS: string) =>
  z.object(oidcFields).safeParse({ LAKESHORE_OIDC_GROUPS }).data?.LAKESHORE_OIDC_GROUPS

describe('The groups of a provider that the settings name', () => {
  it('have names of the console', () => {
    expect(parse('id-1=engineers, id-2=everyone-else')).toEqual(
      new Map([
        ['id-1', 'engineers'],
        ['id-2', 'everyone-else'],
      ]),
    )
  })

  it.each(['everyone', 'EVERYONE', '\u0435veryone', 'every\u200bone'])(
    'cannot be called %j, as all users are',
    (name) => {
      expect(parse(`id-1=${name}`)).toBeUndefined()
    },
  )
})
