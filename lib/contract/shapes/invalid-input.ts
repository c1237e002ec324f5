import type { z } from 'zod'
import { AppError } from '@/lib/errors'

/** More issues than this are counted, not listed. */
const MAX_LISTED = 10
const MAX_NAME_CHARS = 60
const MAX_SHOWN_CHARS = 40
const SECRET_NAME = /secret|password|token|credential|identity|key/i

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}

type Issue = z.core.$ZodIssue

/**
 * Describes an invalid input in sentences: the field, the expected value, and the received one when that is short and
 * cannot be a secret. The facts have one entry for each field, and `issueCount`.
 *
 * @param input on the wire, as the schema received it
 * @param unchanged the sentence about a write, for example `Nothing was changed.`
 */
export function invalidInputError(
  error: z.ZodError,
  { input, unchanged }: { input: unknown; unchanged?: string },
): AppError {
  const problems = error.issues.map((issue) => toProblem(issue, input))
  return inputError(problems, { cause: error, ...(unchanged !== undefined && { unchanged }) })
}

/** The error for fields that an endpoint does not have. */
export function unknownFieldsError(names: readonly string[], { unchanged }: { unchanged?: string }): AppError {
  return inputError(
    names.map((name) => ({ field: shorten(name), text: 'is unknown' })),
    unchanged === undefined ? {} : { unchanged },
  )
}

/** `text` is what follows the name of the field in a sentence. */
type InputProblem = { field: string; text: string }

function inputError(
  problems: readonly InputProblem[],
  { cause, unchanged }: { cause?: unknown; unchanged?: string },
): AppError {
  const [first] = problems
  const otherCount = problems.length - 1
  const sentences = [
    first && first.field !== '' ? `The field \`${first.field}\` ${first.text}.` : 'The input is not valid.',
    ...(otherCount > 0
      ? [otherCount === 1 ? 'Another field is not valid.' : `${otherCount} other fields are not valid.`]
      : []),
    ...(unchanged === undefined ? [] : [unchanged]),
  ]
  const facts = Object.fromEntries(problems.slice(0, MAX_LISTED).map(({ field, text }) => [field, text]))
  return new AppError('invalid-request', sentences.join(' '), {
    facts: { ...facts, issueCount: problems.length },
    ...(cause !== undefined && { cause }),
  })
}

function toProblem(issue: Issue, input: unknown): InputProblem {
  const field = shorten(issue.path.map(String).join('.'))
  const value = valueAt(input, issue.path)
  if (value === undefined) return { field, text: `is missing: it must be ${expectation(issue)}` }
  const rule = ruleOf(issue)
  if (rule !== null) return { field, text: `is not valid: ${rule}` }
  const received = isShowable(issue) ? shownValue(value) : null
  return { field, text: `must be ${expectation(issue)}${received === null ? '' : `, not ${received}`}` }
}

/** Not for what may be a secret, nor for lists of a wrong length and objects with an unknown key. */
function isShowable(issue: Issue): boolean {
  const isList = (issue.code === 'too_big' || issue.code === 'too_small') && issue.origin === 'array'
  return !isList && issue.code !== 'unrecognized_keys' && !issue.path.some((part) => SECRET_NAME.test(String(part)))
}

function valueAt(input: unknown, path: Issue['path']): unknown {
  let value = input
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<PropertyKey, unknown>)[part]
  }
  return value
}

/** Null for a value that is long. */
function shownValue(value: unknown): string | null {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(value)
  return text.length <= MAX_SHOWN_CHARS ? text : null
}

function shorten(name: string): string {
  return name.length <= MAX_NAME_CHARS ? name : `${name.slice(0, MAX_NAME_CHARS)}…`
}

/** A valid value, as a noun. */
function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_NAMES[issue.expected] ?? issue.expected
    case 'invalid_value':
      return `${issue.values.length === 1 ? '' : 'one of '}${issue.values.map((value) => JSON.stringify(value)).join(', ')}`
    case 'invalid_format':
      return formatExpectation(issue)
    case 'too_small':
      return boundExpectation(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)
    case 'too_big':
      return boundExpectation(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)
    case 'unrecognized_keys':
      return `an object without ${issue.keys
        .slice(0, MAX_LISTED)
        .map((key) => `\`${shorten(key)}\``)
        .join(', ')}`
    default:
      return 'a value that the API reference allows'
  }
}

/** The messages of the contract's patterns describe a valid value, as a noun. */
function formatExpectation(issue: Extract<Issue, { code: 'invalid_format' }>): string {
  if (!isDefaultMessage(issue)) return issue.message
  return issue.format === 'regex'
    ? `text that matches ${issue.pattern ?? 'its pattern'}`
    : `of the format ${issue.format}`
}

/** A message of the contract that is a sentence of its own, without its full stop; null for others. */
function ruleOf(issue: Issue): string | null {
  const isSentence = !isDefaultMessage(issue) && /^[A-Z]/.test(issue.message)
  return isSentence ? issue.message.replace(/\.$/, '') : null
}

/** Whether the message is of the library. */
function isDefaultMessage({ message }: Issue): boolean {
  return /^(Invalid|Too|Unrecognized|No) /.test(message)
}

function boundExpectation(origin: string, comparison: string, bound: number | bigint): string {
  if (origin === 'string')
    return bound === 1 && comparison === 'at least'
      ? 'text that is not empty'
      : `text of ${comparison} ${bound} characters`
  if (origin === 'array' || origin === 'set') return `a list of ${comparison} ${bound}`
  return `${comparison} ${bound}`
}
