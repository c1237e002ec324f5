import { expect, test } from 'vitest'
import { parseGrantCursor } from './grant-cursor'

const parse = (...position: string[]) =>
  parseGrantCursor(Buffer.from(JSON.stringify(position)).toString('base64url'), async () => null)

test('A page of grants goes on behind names of a length that the lake allows, and no longer ones', async () => {
  const names = (table: string) => ['local', 'demo', table, '01J0000000000000000000000A']
  expect(await parse(...names('t'))).toMatchObject({ resource: { catalog: 'local', namespace: ['demo'], table: 't' } })
  await expect(parse(...names('t'.repeat(10_000)))).rejects.toMatchObject({ code: 'invalid-request' })
})
