import { expect, test } from 'vitest'
import { splitStatements, statementAt } from './statements'

const split = (sql: string) => splitStatements(sql).map(({ start, end }) => sql.slice(start, end))

test('statements are split at semicolons, but not at those in strings, names and comments', () => {
  expect(split(`select ';' as ";"; -- one; two\n select $$;$$ /* ; */ ;;`)).toEqual([
    `select ';' as ";"`,
    'select $$;$$',
  ])
})

test('a text of comments only is not a statement', () => {
  expect(split('-- nothing\n;;')).toEqual([])
})

test('the statement at the cursor is chosen; right after a semicolon, the one before', () => {
  const sql = 'select 1;\nselect 2;\n\n'
  const statements = splitStatements(sql)
  const at = (cursor: number) => sql.slice(statementAt(statements, cursor)?.start, statementAt(statements, cursor)?.end)
  expect(at(0)).toBe('select 1')
  expect(at(9)).toBe('select 1')
  expect(at(10)).toBe('select 2')
  expect(at(sql.length)).toBe('select 2')
})
