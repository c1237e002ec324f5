import { expect, it } from 'vitest'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { requireDeclaration } from './declaration-text'

const column = (type: unknown) => ({
  columns: [
    { name: 'id', type: 'long' },
    { name: 's', type },
  ],
})

const TYPE = 'the name of a primitive type, {struct: [columns]}, {list: type} or {map: {key: type, value: type}}'

it.each([
  [
    'a list that is written as a property',
    column({ struct: [{ name: 'l', type: { list: { type: 'string' } } }] }),
    `t.yaml: columns.s.type.struct.l.type.list must be ${TYPE}, not {type}.`,
  ],
  ['a type that is a number', column(7), `t.yaml: columns.s.type must be ${TYPE}, not 7.`],
  ['no name', { columns: [{ type: 'int' }] }, 't.yaml: columns.(entry 1).name is missing: it must be text.'],
  ['a list of columns that is none', { columns: 'id' }, 't.yaml: columns must be a list, not "id".'],
  ['no columns', { columns: [] }, 't.yaml: columns must be a list of at least 1.'],
  ['another format version', { 'format-version': 4 }, 't.yaml: format-version must be 1, 2 or 3, not 4.'],
  [
    'an unknown section',
    { columnz: [] },
    't.yaml: columnz is unknown. A file has the sections format-version, columns, identifier-fields, partition-fields, sort-fields, properties, refs.',
  ],
  [
    'a ref that has something else',
    { refs: { main: { retention: '7d' } } },
    't.yaml: refs.main.retention is unknown. A ref has min-snapshots-to-keep, max-snapshot-age-ms, max-ref-age-ms.',
  ],
  [
    'an age that is text',
    { refs: { old: { 'max-ref-age-ms': '7d' } } },
    't.yaml: refs.old.max-ref-age-ms must be a whole number, not "7d".',
  ],
  ['a ref without members', { refs: { old: null } }, 't.yaml: refs.old is empty: it must be a section with members.'],
  [
    'a number of a property, which may be secret',
    { properties: { 'secret-key': 12_345 } },
    't.yaml: properties.secret-key must be text, not a number: put the value in quotes.',
  ],
  [
    'a direction that is none',
    { 'sort-fields': [{ column: 'a', transform: 'identity', direction: 'up', 'null-order': 'nulls-last' }] },
    't.yaml: sort-fields.(entry 1).direction must be asc or desc, not "up".',
  ],
  ['a text alone', 'x', 't.yaml: the content must be sections, such as columns and properties, not "x".'],
  ['nothing', null, 't.yaml is empty.'],
])('A declaration with %s says what is wrong where, and what belongs there', (_what, value, message) => {
  expect(catchAppError(() => requireDeclaration(value, 't.yaml')).message).toBe(message)
})

it('A declaration says the line, when it is known', () => {
  const error = catchAppError(() => requireDeclaration({ columns: 1 }, 't.yaml', ([first]) => (first ? 4 : null)))
  expect(error.message).toBe('t.yaml, line 4: columns must be a list, not 1.')
})
