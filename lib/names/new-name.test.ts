import { describe, expect, test } from 'vitest'
import { newNameProblem, requireNewName } from './new-name'

describe('A new name', () => {
  test.each(['trips', 'a b', 'a/b', '.a', '...', 'Überflug', '年', 'a"b', '%2E%2E', 'x'.repeat(255)])(
    'can be %j',
    (name) => expect(newNameProblem('table', name)).toBeNull(),
  )

  test.each([
    ['', 'it is empty'],
    [' \t', 'it is empty'],
    ['.', 'it is a relative path'],
    ['..', 'it is a relative path'],
    ['a\ud800', 'it is not valid Unicode'],
    ['a\nb', 'it contains a control character'],
    ['a\u0000', 'it contains a control character'],
    ['a\u001fb', 'it contains a control character'],
    ['a\u0085', 'it contains a control character'],
    ['a\u202eb', 'it contains a line end, a mark of direction or a blank without width'],
    ['a\u200bb', 'it contains a line end, a mark of direction or a blank without width'],
    [' a', 'it has blanks at its ends'],
    ['a\ufeff', 'it has blanks at its ends'],
    ['x'.repeat(256), 'it has more than 255 characters'],
  ])('cannot be %j, because %s', (name, reason) => {
    const problem = `${JSON.stringify(name)} cannot be the name of a view: ${reason}.`
    expect(newNameProblem('view', name)).toBe(problem)
    expect(() => requireNewName('view', name)).toThrow(problem)
  })
})
