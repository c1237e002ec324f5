import { expect, it } from 'vitest'
import { COMMAND_LINE, commandLineName } from './command-line'

it('The command line has the name of the user and the host that the system reports', () => {
  expect(COMMAND_LINE.username).toMatch(/^command line \(.+\)$/)
  expect(commandLineName('ada', 'lake-1')).toBe('command line (ada@lake-1)')
})

it('The command line is named without what the system does not know', () => {
  expect(commandLineName(null, 'lake-1')).toBe('command line (lake-1)')
  expect(commandLineName(null, '')).toBe('command line')
  expect(commandLineName('a'.repeat(100), 'h').length).toBeLessThan(100)
})
