import { describe, expect, it, test } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Resource } from '@/lib/permissions'
import { actorFor } from '@/server/auth/actor'
import type { AuditEntry, AuditState } from '@/server/db/audit'
import { mayReadAs, mayReadNamed, shownNames } from './hidden-names'

const viewerOf = (...resources: Resource[]) => ({
  ...actorFor({ userId: 'u', username: 'u', role: 'viewer' }),
  grants: resources.map((resource) => ({ permission: 'table:read' as const, resource })),
})
const DEMO = { catalog: 'local', namespace: ['demo'] }
const HIDDEN = 'a hidden name'

describe('A move', () => {
  const table: TableIdentifier = { ...DEMO, table: 'pay' }
  const entry = (before: AuditState, after: AuditState) => ({ table, before, after }) as AuditEntry
  const moved = entry({ name: 'hr.pay', namespace: ['hr'] }, { name: 'demo.pay', namespace: ['demo'] })
  const namesFor = (one: AuditEntry, ...resources: Resource[]) =>
    [one.before, one.after].map((state) => shownNames(one, viewerOf(...resources))(state ?? {}))

  it('does not name the namespace that the reader may not read', () => {
    expect(namesFor(moved, DEMO)).toEqual([HIDDEN, 'demo.pay'])
    expect(namesFor(moved, table)).toEqual([HIDDEN, 'demo.pay'])
    expect(namesFor(moved, DEMO, { catalog: 'local', namespace: ['hr'], table: 'other' })).toEqual([HIDDEN, 'demo.pay'])
    expect(namesFor(moved, DEMO, { catalog: 'local', namespace: ['hr'] })).toEqual(['hr.pay', 'demo.pay'])
  })

  it('back into a hidden namespace does not name that either', () => {
    const away = entry({ name: 'demo.pay', namespace: ['demo'] }, { name: 'hr.pay', namespace: ['hr'] })
    expect(namesFor({ ...away, table: { ...table, namespace: ['hr'] } }, DEMO)).toEqual(['demo.pay', HIDDEN])
    expect(namesFor({ ...away, table: null }, {})).toEqual([HIDDEN, HIDDEN])
  })

  it('within a namespace has both names for a reader of the table alone', () => {
    const renamed = entry({ name: 'demo.old', namespace: ['demo'] }, { name: 'demo.pay', namespace: ['demo'] })
    expect(namesFor(renamed, table)).toEqual(['demo.old', 'demo.pay'])
  })

  it('of an earlier version, without levels, is shown if every namespace that it could name may be read', () => {
    const earlier = entry({ name: 'hr.eu.pay' }, { name: 'demo.pay' })
    expect(namesFor(earlier, DEMO, { catalog: 'local', namespace: ['hr', 'eu'] })).toEqual([HIDDEN, 'demo.pay'])
    expect(namesFor(earlier, { catalog: 'local' })).toEqual(['hr.eu.pay', 'demo.pay'])
  })
})

describe('A name in a text', () => {
  test.each<[string, Resource[], boolean]>([
    ['local.demo.t', [DEMO], true],
    ['local.demo.t', [{ ...DEMO, table: 't' }], true],
    ['local.demo.t', [{ ...DEMO, table: 'u' }], false],
    // The namespace may also be `hr.demo`, one level with a dot.
    ['local.hr.demo.t', [{ catalog: 'local', namespace: ['hr'] }], false],
    ['local.hr.demo.t', [{ catalog: 'local' }], true],
    ['local.hr.demo.t', [{ catalog: 'local.hr' }], false],
    ['local.demo', [{}], false],
    [`local.${'n.'.repeat(20)}t`, [{}], false],
    ['', [{}], false],
  ])('%s with %j: readable %s', (text, resources, expected) => {
    expect(mayReadNamed(text, mayReadAs(viewerOf(...resources)))).toBe(expected)
  })
})
