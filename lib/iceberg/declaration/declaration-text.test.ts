import { expect, it } from 'vitest'
import { requireDeclaration } from './declaration-text'

const column = (type: unknown) => ({
  columns: [
    { name: 'id', type: 'long' },
    { name: 's', type },
  ],
})

it.each([
  [
    'a list that is written as a property',
    column({ struct: [{ name: 'l', type: { list: { type: 'string' } } }] }),
    /^t\.yaml: columns\.1 \(s\)\.type\.struct\.0 \(l\)\.type\.list: .*A type is the name of a primitive type, \{struct: \[columns\]\}/,
  ],
  ['a type that is a number', column(7), /^t\.yaml: columns\.1 \(s\)\.type: .*A type is/],
  ['a member that it does not have', { columnz: [] }, /^t\.yaml: .*columnz/],
  ['nothing', null, /^t\.yaml is empty\.$/],
])('A declaration with %s says where it is wrong', (_what, value, message) => {
  expect(() => requireDeclaration(value, 't.yaml')).toThrow(message)
})
