import type { z } from 'zod'
import { DECLARATION_MEMBERS } from './table-declaration'

/** The problem with a declaration, in the words of the person who wrote the file. */

export type DeclarationProblem = { path: readonly PropertyKey[]; text: string }

type Issue = z.core.$ZodIssue

const MAX_SHOWN_CHARS = 40
const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section with members',
  record: 'a section with members',
}
const TYPE = 'the name of a primitive type, {struct: [columns]}, {list: type} or {map: {key: type, value: type}}'

/** The problem that an issue of the schema is, with the path to it: `columns.s.type must be …, not 7`. */
export function declarationProblem(value: unknown, issue: Issue): DeclarationProblem {
  const found = deepestIssue(value, issue)
  const { path } = found
  if (found.code === 'unrecognized_keys') {
    const [key = ''] = found.keys
    return { path: [...path, key], text: `${pathLabel(value, [...path, key])} is unknown${knownMembers(path)}` }
  }
  const label = path.length === 0 ? 'the content' : pathLabel(value, path)
  const requested = path.length === 0 ? 'sections, such as columns and properties' : expectation(found)
  const at = follow(value, path)[1]
  if (at === undefined) return { path, text: `${label} is missing: it must be ${requested}` }
  if (at === null) return { path, text: `${label} is empty: it must be ${requested}` }
  const isWrongLength = Array.isArray(at) && (found.code === 'too_small' || found.code === 'too_big')
  return { path, text: `${label} must be ${requested}${isWrongLength ? '' : received(path, at)}` }
}

/** When a value may have several forms, the problem with the closest one explains the error best. */
function deepestIssue(value: unknown, issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue
  const [, at] = follow(value, issue.path)
  const inner = issue.errors
    .flat()
    .map((one) => deepestIssue(at, one))
    // The other forms lack what the value does not have.
    .filter(({ path }) => path.length > 0 && follow(at, path)[1] !== undefined)
  const [deepest] = inner.toSorted((a, b) => b.path.length - a.path.length)
  return deepest === undefined ? issue : { ...deepest, path: [...issue.path, ...deepest.path] }
}

/** A valid value, as a noun. */
function expectation(issue: Issue): string {
  if (isOfType(issue.path)) return TYPE
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_NAMES[issue.expected] ?? issue.expected
    case 'invalid_value':
      return oneOf(issue.values)
    case 'too_small':
    case 'too_big': {
      const [comparison, bound] =
        issue.code === 'too_small' ? (['at least', issue.minimum] as const) : (['at most', issue.maximum] as const)
      if (issue.origin === 'string')
        return bound === 1 ? 'text that is not empty' : `text of ${comparison} ${bound} characters`
      return issue.origin === 'array' ? `a list of ${comparison} ${bound}` : `${comparison} ${bound}`
    }
    case 'invalid_union': {
      const values = issue.errors.flat().flatMap((one) => (one.code === 'invalid_value' ? one.values : []))
      return values.length === 0 ? 'a value that JSON has' : oneOf(values)
    }
    case 'invalid_key':
      return 'under a name of 1 to 1000 characters'
    default:
      return 'another value'
  }
}

function oneOf(values: readonly unknown[]): string {
  const texts = values.map(String)
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`
}

/** Whether the path is of a type of a column, or within one. */
function isOfType(path: readonly PropertyKey[]): boolean {
  const last = path.at(-1)
  return path[0] === 'columns' && path.includes('type') && ['type', 'list', 'key', 'value'].some((one) => one === last)
}

/** Values of properties may be secret, and other writers' files have numbers where Iceberg has text. */
function received(path: readonly PropertyKey[], value: unknown): string {
  const isScalar = typeof value !== 'object'
  if (path[0] === 'properties' && isScalar && typeof value !== 'string')
    return `, not ${typeof value === 'boolean' ? 'true or false' : 'a number'}: put the value in quotes`
  if (Array.isArray(value)) return ', not a list'
  if (!isScalar)
    return isOfType(path) ? `, not {${Object.keys(value ?? {}).join(', ')}}` : ', not a section with members'
  const text = typeof value === 'bigint' ? value.toString() : JSON.stringify(value)
  return path[0] === 'properties' || text.length > MAX_SHOWN_CHARS ? '' : `, not ${text}`
}

function knownMembers(path: readonly PropertyKey[]): string {
  const [section] = path
  if (section === undefined) return `. A file has the sections ${DECLARATION_MEMBERS.file.join(', ')}`
  if (section === 'refs') return `. A ref has ${DECLARATION_MEMBERS.refs.join(', ')}`
  if (section === 'partition-fields') return `. A partition field has ${DECLARATION_MEMBERS.partitionFields.join(', ')}`
  if (section === 'sort-fields') return `. A sort field has ${DECLARATION_MEMBERS.sortFields.join(', ')}`
  return typeof path.at(-1) === 'number'
    ? `. A column has ${DECLARATION_MEMBERS.columns.join(', ')}`
    : `. A type is ${TYPE}`
}

/** A path in which an entry of a list has its name, or else its number from 1: `columns.s.type.list`. */
function pathLabel(value: unknown, path: readonly PropertyKey[]): string {
  return follow(value, path)[0].join('.')
}

/** The steps of a path in words, and the value at its end; undefined if it does not exist. */
function follow(value: unknown, path: readonly PropertyKey[]): [steps: string[], end: unknown] {
  let at = value
  const steps = path.map((key) => {
    at = memberOf(at, key)
    if (typeof key !== 'number') return String(key)
    const name = memberOf(at, 'name')
    return typeof name === 'string' && name !== '' ? name : `(entry ${key + 1})`
  })
  return [steps, at]
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}
