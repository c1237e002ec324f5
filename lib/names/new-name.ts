import { AppError } from '@/lib/errors'
import { MAX_NAME_CHARS } from '@/lib/names/name-limits'

/**
 * Why a new object cannot have this name; null if it can. Each name is a segment of an address, where `.` and `..` lead
 * elsewhere and the unit separator divides the levels of a namespace, and it is shown on lines of text. An object that
 * has such a name already, as other programs can give it in some catalogs, keeps it and can be used, unless the name is
 * longer than a request may contain.
 */
export function newNameProblem(kind: 'table' | 'view' | 'namespace' | 'branch' | 'tag', name: string): string | null {
  const reason = invalidNameReason(name)
  return reason && `${JSON.stringify(name)} cannot be the name of a ${kind}: ${reason}.`
}

const UNSEEN = /[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/u

/** @throws {AppError} invalid-request, see {@link newNameProblem} */
export function requireNewName(kind: 'table' | 'view' | 'namespace', name: string): void {
  const problem = newNameProblem(kind, name)
  if (problem !== null) throw new AppError('invalid-request', problem)
}

function invalidNameReason(name: string): string | null {
  if (name.trim() === '') return 'it is empty'
  if (name !== name.trim()) return 'it has blanks at its ends'
  if (name.length > MAX_NAME_CHARS) return `it has more than ${MAX_NAME_CHARS} characters`
  if (name === '.' || name === '..') return 'it is a relative path'
  if (!name.isWellFormed()) return 'it is not valid Unicode'
  if (/\p{Cc}/u.test(name)) return 'it contains a control character'
  // Lists would show it as another name.
  return UNSEEN.test(name) ? 'it contains a line end, a mark of direction or a blank without width' : null
}
