import { describe, expect, it } from 'vitest'
import { compareDefaults } from './compare-defaults'

const DEMO = { defaultCatalog: null, defaultNamespace: ['demo'] }

describe('The defaults of two versions', () => {
  it('are compared by what names without a namespace and without a catalog mean', () => {
    expect(compareDefaults(DEMO, DEMO)).toEqual([])
    expect(compareDefaults(DEMO, { defaultCatalog: 'local', defaultNamespace: ['team', 'eu'] })).toEqual([
      { part: 'namespace', before: 'demo', after: 'team.eu' },
      { part: 'catalog', before: null, after: 'local' },
    ])
    expect(compareDefaults(DEMO, { ...DEMO, defaultNamespace: [] })).toEqual([
      { part: 'namespace', before: 'demo', after: null },
    ])
  })

  it('differ when one level has the dots of several', () => {
    const [levels, dotted] = [['a', 'b'], ['a.b']].map((defaultNamespace) => ({ ...DEMO, defaultNamespace }))
    expect(compareDefaults(levels!, dotted!)).toEqual([{ part: 'namespace', before: 'a.b', after: '"a.b"' }])
  })
})
