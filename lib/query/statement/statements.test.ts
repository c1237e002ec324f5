import { describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { findRunnable, requireClosed, splitStatements, statementAt } from './statements'

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

describe('the statements of a run', () => {
  const sql = "select 1;select ';' -- two;\n;\n\nselect $$;$$"
  const runnable = (cursor: number, isAll: boolean, selection: { start: number; end: number } | null = null) =>
    findRunnable(sql, cursor, { isAll, selection })

  test('are all of the text in order, with their lines, or the one at the cursor', () => {
    expect(runnable(0, true).map(({ position }) => position)).toEqual([
      { number: 1, count: 3, line: 1, text: 'select 1' },
      { number: 2, count: 3, line: 1, text: "select ';'" },
      { number: 3, count: 3, line: 4, text: 'select $$;$$' },
    ])
    expect(runnable(12, false).map(({ position }) => position.number)).toEqual([2])
  })

  test('are found again by their cursors, also where one begins right after another', () => {
    for (const { sql: runSql, cursor, position } of runnable(0, true)) {
      const found = statementAt(splitStatements(runSql), cursor)
      expect(runSql.slice(found?.start, found?.end)).toBe(position.text)
    }
  })

  test('are those of the selection, at the positions of the whole text', () => {
    const selection = { start: sql.indexOf("';'"), end: sql.length - 1 }
    const [first, second] = runnable(0, false, selection)
    expect(first?.position).toEqual({ number: 1, count: 2, line: 1, text: "';'" })
    expect(second?.position).toEqual({ number: 2, count: 2, line: 4, text: 'select $$;$' })
    expect(first?.sql.slice(selection.start)).toBe(sql.slice(selection.start, selection.end))
    expect(first?.sql.slice(0, selection.start).trim()).toBe('')
  })

  test('are not those of a selection without any', () => {
    const newline = sql.indexOf('\n')
    expect(runnable(0, false, { start: newline, end: newline + 1 }).map(({ position }) => position.text)).toEqual([
      'select 1',
    ])
  })

  test('are refused when there are none or too many', () => {
    expect(() => findRunnable('-- nothing', 0, { isAll: true, selection: null })).toThrow('nothing to run yet')
    expect(() => findRunnable('select 1;'.repeat(101), 0, { isAll: true, selection: null })).toThrow(
      'A run can have at most 100 statements, and this one has 101.',
    )
  })

  test.each([
    ['/* unterminated', '/* unterminated', 'The comment that begins here is not closed.', 'Write */ at its end.'],
    ['select 1 /* a; /* b */', '/* a; /* b */', 'The comment that begins here is not closed.', 'Write */ at its end.'],
    ["select 1; select 'it''s", "'it''s", 'The text that begins here is not closed.', "Write ' at its end."],
    [String.raw`select E'a\'`, String.raw`E'a\'`, 'The text that begins here is not closed.', "Write ' at its end."],
    ['select $a$ $b$', '$a$ $b$', 'The text that begins here is not closed.', 'Write $a$ at its end.'],
    ['select "a""', '"a""', 'The name that begins here is not closed.', 'Write " at its end.'],
  ])('is refused where %s is not closed', (text, marked, message, hint) => {
    const error = thrownError(() => check(text, text.length))
    expect(error).toMatchObject({ code: 'query-failed', message, facts: { hint } })
    expect(text.slice(Number(error.facts.start), Number(error.facts.end))).toBe(marked)
  })

  test.each([
    "select '' /* a */",
    'select "a" -- /*',
    "select 'a'''",
    'select $$a$$',
    String.raw`select E'\\'`,
    'select 1 /* a /* b */ */',
  ])('are all closed in %s', (text) => {
    expect(check(text, 0)).toHaveLength(1)
  })

  test('before one that is not closed can run', () => {
    expect(check("select 1; select 'a", 3)).toHaveLength(2)
  })
})

function check(sql: string, cursor: number) {
  findRunnable(sql, cursor, { isAll: false, selection: null })
  const statements = splitStatements(sql)
  const statement = statementAt(statements, cursor)
  if (statement) requireClosed(sql, statement)
  return statements
}

function thrownError(act: () => unknown): AppError {
  try {
    act()
  } catch (error) {
    if (error instanceof AppError) return error
  }
  throw new Error('expected a problem')
}
