import { describe, expect, it } from 'vitest'
import type { AccessGrant, EffectiveAccess } from '@/lib/contract/access'
import { resourceKey } from '@/lib/format/resource-name'
import type { Resource } from '@/lib/permissions'
import { accessCsv, accessLines, type LevelContents } from './effective-access-rows'

const NOTHING = { see: false, read: false, write: false, maintain: false, admin: false }

const grant: AccessGrant = {
  grantId: 'g1',
  holder: { kind: 'group', id: 'f', name: '=finance' },
  role: 'viewer',
  on: { catalog: 'lake', namespace: ['finance'] },
  createdAtMs: 1,
  createdBy: 'm.keller',
}

function entry(on: Resource, fields: Partial<EffectiveAccess> = {}): EffectiveAccess {
  return { on, may: NOTHING, isSeenForInside: false, becauseOf: [], ...fields }
}

const LAKE = { catalog: 'lake' }
const FINANCE = { ...LAKE, namespace: ['finance'] }
const READS = { ...NOTHING, see: true, read: true }

const contents = (levels: readonly (readonly [Resource, LevelContents])[]) =>
  new Map(levels.map(([on, level]) => [resourceKey(on), level]))

const read = (entries: readonly EffectiveAccess[], hasMore = false): LevelContents => ({
  state: 'read',
  entries,
  hasMore,
})

describe('the tree of effective access', () => {
  const levels = contents([
    [{}, read([entry(LAKE, { may: { ...NOTHING, see: true }, isSeenForInside: true }), entry({ catalog: 'local' })])],
    [LAKE, read([entry(FINANCE, { may: READS, becauseOf: [{ grant }] }), entry({ ...LAKE, namespace: ['raw'] })])],
    [FINANCE, read([entry({ ...FINANCE, table: 'ledger' }, { may: READS, becauseOf: [{ grant }] })], true)],
  ])
  const isOpen = (on: Resource) => on.catalog === 'lake' && on.namespace?.[0] !== 'raw'

  it('has the inside of what is open below it, and what is still to be read', () => {
    const lines = accessLines(levels, isOpen, false)
    expect(lines.map((line) => `${'  '.repeat(line.depth)}${line.key}`)).toEqual([
      '["lake",null,null]',
      '  ["lake",["finance"],null]',
      '    ["lake",["finance"],"ledger"]',
      '    ["lake",["finance"],null] more',
      '  ["lake",["raw"],null]',
      '["local",null,null]',
    ])
  })

  it('leaves out what the user does not see', () => {
    const lines = accessLines(levels, isOpen, true)
    expect(lines.flatMap((line) => (line.kind === 'entry' ? [line.entry.on] : []))).toEqual([
      LAKE,
      FINANCE,
      { ...FINANCE, table: 'ledger' },
    ])
  })

  it('says reading, empty and failed differently', () => {
    const error = new Error('The catalog does not answer.')
    const noteOf = (level: LevelContents | null) => {
      const [line] = accessLines(level === null ? contents([]) : contents([[{}, level]]), () => false, true)
      return line?.kind === 'note' ? line.note : line?.kind
    }
    expect(noteOf(null)).toBe('reading')
    expect(noteOf(read([]))).toBe('empty')
    expect(noteOf(read([entry(LAKE)]))).toBe('empty')
    expect(noteOf({ state: 'failed', error })).toBe('problem')
  })

  it('is a file whose names run no formula in a spreadsheet', () => {
    const file = accessCsv(accessLines(levels, isOpen, false)).split('\r\n')
    expect(file[0]).toBe('kind,name,see,read,write,maintain,admin,because_of,seen_only_for_what_is_inside')
    expect(file[1]).toBe('catalog,lake,yes,no,no,no,no,,yes')
    expect(file[3]).toBe('table,lake.finance.ledger,yes,yes,no,no,no,viewer of lake.finance (group =finance),no')
    expect(file).toHaveLength(7)
  })
})
