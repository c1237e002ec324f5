import { expect, test } from 'vitest'
import { splitStatements } from '../statement/statements'
import { findMissingName } from './missing-name'

test.each([
  ['SELECT nope FROM t', 'Referenced column "nope" not found in FROM clause!', 'nope'],
  ['SELECT x."No pe" FROM t x', 'Table "x" does not have a column named "No pe"', 'No pe'],
  ['SELECT a.nope FROM t', 'Could not find key "nope" in struct', 'nope'],
  ['SELECT db.t.id FROM db.t', 'Referenced column "db" not found in FROM clause!', null],
  ['SELECT "$path" FROM t', 'Referenced column "$path" not found in FROM clause!', null],
  ['SELECT _metadata FROM t', 'Referenced column "_metadata" not found in FROM clause!', null],
  ['SELECT id FROM t', 'Referenced column "other" not found in FROM clause!', null],
  ['SELECT id + a FROM t', 'No function matches the given name', null],
])('In %s, after %s, the name that no engine could find is %s', (sql, message, name) => {
  const [statement] = splitStatements(sql)
  if (!statement) throw new Error('no statement')
  expect(findMissingName(statement, message)).toBe(name)
})
