import { describe, expect, it } from 'vitest'
import { isPermanentDamage, RESTORE_HINT, toDamageError } from './damage'

describe('A result code of SQLite', () => {
  it.each([11, 26])('%i means a damaged file: no further write, and how to restore it', (code) => {
    const cause = new Error('from SQLite')
    const error = toDamageError(code, cause)
    expect(error).toMatchObject({ code: 'database-damaged', cause })
    expect(error?.message).toContain('bytes that SQLite cannot have written. Nothing was changed.')
    expect(error?.message).toContain(RESTORE_HINT)
    expect(isPermanentDamage(code)).toBe(true)
  })

  it('10 means a disk that does not read or write, which may pass', () => {
    expect(toDamageError(10, null)?.message).toContain('Check the disk first.')
    expect(isPermanentDamage(10)).toBe(false)
  })

  it.each([0, 1, 5, 6, 13, 19])('%i means no damage', (code) => {
    expect(toDamageError(code, null)).toBeNull()
    expect(isPermanentDamage(code)).toBe(false)
  })
})
