import { describe, expect, it } from 'vitest'
import type { AccessEntry } from '@/lib/contract/access'
import { resourceKey } from '@/lib/names/resource-name'
import type { Resource } from '@/lib/permissions'
import { sampleGrant, sampleAccessEntry } from '@/testing/components/access-api'
import { accessCsv, accessLines, type LevelContents } from './effective-access-rows'

const grant = sampleGrant({ holder: { kind: 'group', id: 'f', name: '=finance' } })
const LAKE = { catalog: 'lake' }
const FINANCE = { ...LAKE, namespace: ['finance'] }

const contents = (levels: readonly (readonly [Resource, LevelContents])[]) =>
  new Map(levels.map(([on, level]) => [resourceKey(on), level]))

const read = (entries: readonly AccessEntry[], rest: LevelContents['rest'] = { state: 'none' }): LevelContents => ({
  entries,
  rest,
})

describe('the tree of effective access', () => {
  const byGroup: Partial<AccessEntry> = { level: 'read', grants: [grant] }
  const levels = contents([
    [{}, read([sampleAccessEntry(LAKE, { level: 'inside' }), sampleAccessEntry({ catalog: 'local' })])],
    [LAKE, read([sampleAccessEntry(FINANCE, byGroup), sampleAccessEntry({ ...LAKE, namespace: ['raw'] })])],
    [FINANCE, read([sampleAccessEntry({ ...FINANCE, table: 'ledger' }, byGroup)], { state: 'unread' })],
  ])
  const isOpen = (on: Resource) => on.catalog === 'lake' && on.namespace?.[0] !== 'raw'

  it('has the inside of what is open below it, and says where more follows', () => {
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
    expect(lines.flatMap((line) => (line.kind === 'entry' ? [line.entry.resource] : []))).toEqual([
      LAKE,
      FINANCE,
      { ...FINANCE, table: 'ledger' },
    ])
  })

  it('says reading, empty and failed differently', () => {
    const noteOf = (level: LevelContents | null) => {
      const [line] = accessLines(level === null ? contents([]) : contents([[{}, level]]), () => false, true)
      return line?.kind === 'note' ? line.note : line?.kind
    }
    expect(noteOf(null)).toBe('reading')
    expect(noteOf(read([]))).toBe('empty')
    expect(noteOf(read([sampleAccessEntry(LAKE)]))).toBe('empty')
    expect(noteOf(read([], { state: 'unread' }))).toBe('more')
    expect(noteOf(read([], { state: 'failed', message: 'The server does not answer.' }))).toBe('problem')
  })

  it('is a file whose names run no formula in a spreadsheet', () => {
    const file = accessCsv(accessLines(levels, isOpen, false)).split('\r\n')
    expect(file[0]).toBe('kind,name,see,read,write,maintain,admin,because_of,seen_only_for_what_is_inside')
    expect(file[1]).toBe('catalog,lake,yes,no,no,no,no,,yes')
    expect(file[3]).toBe('table,lake.finance.ledger,yes,yes,no,no,no,viewer of lake.finance (group =finance),no')
    expect(file[4]).toMatch(/^not all listed,lake\.finance/)
    expect(file).toHaveLength(8)
  })
})
