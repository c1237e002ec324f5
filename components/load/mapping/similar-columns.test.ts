import { expect, it } from 'vitest'
import { BY_NAME, type LoadMapping } from '@/lib/ingest/load-mapping'
import { guessColumns, suggestColumns, withGuesses } from './similar-columns'

const guess = (fields: string[], columns: string[], mapping: LoadMapping = BY_NAME) =>
  Object.fromEntries(guessColumns({ fields, columns }, mapping))
const suggest = (fields: string[], columns: string[], mapping: LoadMapping = BY_NAME) =>
  Object.fromEntries(suggestColumns({ fields, columns }, mapping))

it.each(['Subject', 'SUBJECT ', 'sub-ject', 'sub_Ject'])('Guesses the column subject for the field %s', (field) => {
  expect(guess(['id', field], ['id', 'subject'])).toEqual({ [field]: 'subject' })
})

it.each(['order_id', 'orderId', 'Order ID', 'order.id'])('Guesses the column OrderID for the field %s', (field) => {
  expect(guess([field], ['OrderID'])).toEqual({ [field]: 'OrderID' })
})

it('Guesses nothing that two fields or two columns fit, and suggests it', () => {
  expect(guess(['Order ID', 'order-id'], ['orderid'])).toEqual({})
  expect(suggest(['Order ID', 'order-id'], ['orderid'])).toEqual({ 'Order ID': 'orderid', 'order-id': 'orderid' })
  expect(guess(['Order ID'], ['order_id', 'orderid'])).toEqual({})
  expect(Object.keys(suggest(['Order ID'], ['order_id', 'orderid']))).toEqual(['Order ID'])
})

it('Leaves columns alone that have a field of their name or a source, and fields that are chosen or left out', () => {
  expect(guess(['id', 'ID'], ['id'])).toEqual({})
  expect(suggest(['id', 'ID'], ['id'])).toEqual({})
  expect(
    guess(['Subject'], ['subject', 'title'], { columns: { title: { field: 'Subject' } }, ignoredFields: [] }),
  ).toEqual({})
  expect(guess(['Subject'], ['subject'], { columns: {}, ignoredFields: ['Subject'] })).toEqual({})
  expect(guess(['Subject'], ['subject'], { columns: { subject: { value: null } }, ignoredFields: [] })).toEqual({})
})

it('Suggests the column for a small typing error, and none for another word', () => {
  expect(suggest(['subjct', 'Fair', 'no'], ['subject', 'price', 'id'])).toEqual({ subjct: 'subject' })
})

it('Suggests no column that a guess fills', () => {
  const mapping = withGuesses(BY_NAME, new Map([['Subject', 'subject']]))
  expect(mapping.columns).toEqual({ subject: { field: 'Subject' } })
  expect(suggest(['Subject', 'subjct'], ['subject'], mapping)).toEqual({})
})
