import { describe, expect, it } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { predicateToText, parsePredicateText } from '@/lib/scan/predicate/predicate-text'
import { followColumns, hasUnknownColumn } from './followed-columns'

const column = (id: number, name: string): NestedField => ({ id, name, required: false, type: 'long' })
const inStop = (...fields: NestedField[]): NestedField => ({
  id: 5,
  name: 'stop',
  required: false,
  type: { type: 'struct', fields },
})

const OLDEST = [column(1, 'id'), inStop(column(6, 'mins'))]
const CURRENT = [column(1, 'trip id'), inStop(column(6, 'minutes')), column(7, 'fare')]

function follow(text: string, fields: readonly NestedField[], others: readonly (readonly NestedField[])[]) {
  const { predicate, missing } = followColumns(parsePredicateText(text), fields, others)
  return { text: predicateToText(predicate), missing }
}

describe('The columns of a filter', () => {
  it('are followed by their field ids, inside structs and negations too', () => {
    expect(follow('not (`trip id` = 1 or stop.minutes > 5) and id = 2', OLDEST, [CURRENT])).toEqual({
      text: 'not (id = 1 or stop.mins > 5) and id = 2',
      missing: [],
    })
    expect(follow('id = 1 and stop.mins > 5', CURRENT, [OLDEST])).toEqual({
      text: '`trip id` = 1 and stop.minutes > 5',
      missing: [],
    })
  })

  it('are missing when the schema does not have the field, and stay as they are when no schema has it', () => {
    expect(follow('fare > 1 and #7 < 9 and speed = 3', OLDEST, [CURRENT])).toEqual({
      text: 'fare > 1 and #7 < 9 and speed = 3',
      missing: ['fare', 'fare'],
    })
  })

  it('are those of the first schema with the name', () => {
    const fields = [column(1, 'a'), column(2, 'b')]
    expect(follow('x = 1', fields, [[column(2, 'x')], [column(1, 'x')]]).text).toBe('b = 1')
  })

  it('need other schemas only when one is not in this one', () => {
    expect(hasUnknownColumn(parsePredicateText('id = 1 or not (stop.mins = 2)'), OLDEST)).toBe(false)
    expect(hasUnknownColumn(parsePredicateText('id = 1 or not (stop.minutes = 2)'), OLDEST)).toBe(true)
  })
})
