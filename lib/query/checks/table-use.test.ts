import { describe, expect, it } from 'vitest'
import { findNamedColumns, findTableUse, joinTableUses } from './table-use'

const FLIGHTS = { catalog: 'local', namespace: ['demo'], table: 'flights' }
const COLUMNS = ['date', 'delay', 'origin']
const target = { table: FLIGHTS, columns: COLUMNS }
const named = (isCertain = true, table = FLIGHTS) => [{ identifier: table, isCertain }]

describe('The use of a table by a text', () => {
  it('is certain when the text names this very table', () => {
    expect(findTableUse('select delay from demo.flights', named(), target)).toEqual({
      certainty: 'reads',
      columns: ['delay'],
    })
  })

  it.each([
    ['a name that may mean another table', named(false)],
    ['a name in another case', named(true, { ...FLIGHTS, table: 'FLIGHTS' })],
  ])('is possible by %s', (_, names) => {
    expect(findTableUse('select delay from demo.flights', names, target)).toMatchObject({ certainty: 'may-read' })
  })

  it('is none when it names other tables only', () => {
    const others = [
      ...named(true, { ...FLIGHTS, catalog: 'prod' }),
      ...named(true, { ...FLIGHTS, namespace: ['other'] }),
    ]
    expect(findTableUse('select * from other.flights', others, target)).toBeNull()
    expect(findTableUse('select 1', [], target)).toBeNull()
  })

  it('is possible by a text that cannot be resolved, if it has the name anywhere', () => {
    expect(findTableUse('select * from `demo.Flights`', null, target)).toEqual({ certainty: 'may-read', columns: null })
    expect(findTableUse('select * from `demo.trips`', null, target)).toBeNull()
  })

  it('by several texts is as certain as the most certain of them, and has the columns of all', () => {
    const [delay, origin] = ['delay', 'origin'].map((name) => ({ certainty: 'reads' as const, columns: [name] }))
    expect(joinTableUses([null, { ...delay!, certainty: 'may-read' }, origin!])).toEqual({
      certainty: 'reads',
      columns: ['delay', 'origin'],
    })
    expect(joinTableUses([delay!, { certainty: 'may-read', columns: null }])).toMatchObject({ columns: null })
    expect(joinTableUses([null, null])).toBeNull()
  })
})

describe('The columns that a text names', () => {
  it.each([
    ['select "Delay", t.origin from demo.flights t', ['delay', 'origin']],
    ['select count(*) from demo.flights where delay * 2 > 7', ['delay']],
    ['select 1 from demo.flights', []],
  ])('are those of %s', (sql, columns) => {
    expect(findNamedColumns(sql, COLUMNS)).toEqual(columns)
  })

  it.each([
    'select * from demo.flights',
    'select distinct * from demo.flights',
    'select delay, t.* from demo.flights t',
    'select columns(*) from demo.flights',
    'from demo.flights',
    'summarize demo.flights',
    'select delay from demo.flights natural join demo.trips',
    'select * exclude (delay) from demo.flights',
    `select ${'1,'.repeat(100_001)} 1`,
  ])('are all of them for %.40s', (sql) => {
    expect(findNamedColumns(sql, COLUMNS)).toBeNull()
  })
})
