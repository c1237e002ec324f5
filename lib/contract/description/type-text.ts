import type { z } from 'zod'

type JsonSchema = z.core.JSONSchema.JSONSchema

const INDENT = '  '
/** An object whose text is at most so long is on one line. */
const MAX_LINE_CHARS = 72

/** A JSON schema in the notation of TypeScript, with bounds as comments. */
export function toTypeText(schema: JsonSchema, indent = ''): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) ?? ''
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) {
    return choices.map((choice) => toTypeText(choice, indent)).join(' | ')
  }
  if (schema.allOf !== undefined) {
    return schema.allOf.map((part) => toTypeText(part, indent)).join(' & ')
  }
  switch (schema.type) {
    case 'array': {
      const item = toTypeText((schema.items ?? {}) as JsonSchema, indent)
      return `${/ [|&] /.test(item) && !item.startsWith('{') ? `(${item})` : item}[]`
    }
    case 'object':
      return toObjectText(schema, indent)
    case undefined:
      return 'any'
    default:
      return `${String(schema.type)}${boundsText(schema)}`
  }
}

function toObjectText({ properties = {}, required = [], additionalProperties }: JsonSchema, indent: string): string {
  const inner = indent + INDENT
  const fields = Object.entries(properties).map(
    ([name, field]) => `${name}${required.includes(name) ? '' : '?'}: ${toTypeText(field as JsonSchema, inner)}`,
  )
  if (typeof additionalProperties === 'object') {
    fields.push(`[name: string]: ${toTypeText(additionalProperties, inner)}`)
  }
  if (fields.length === 0) return '{}'
  const line = `{ ${fields.join(', ')} }`
  if (line.length <= MAX_LINE_CHARS && !line.includes('\n')) return line
  return `{\n${fields.map((field) => `${inner}${field}\n`).join('')}${indent}}`
}

/** JavaScript's own bounds of integers say nothing about a field. */
function boundsText({ minimum, maximum, minLength, maxLength, pattern }: JsonSchema): string {
  const min = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined
  const max = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined
  const bounds = [
    ...(min !== undefined && max !== undefined ? [`${min} to ${max}`] : []),
    ...(min !== undefined && max === undefined ? [`at least ${min}`] : []),
    ...(min === undefined && max !== undefined ? [`at most ${max}`] : []),
    ...(maxLength !== undefined ? [`${minLength ?? 0} to ${maxLength} characters`] : []),
    ...(maxLength === undefined && minLength !== undefined && minLength > 0 ? ['not empty'] : []),
    ...(pattern !== undefined ? [pattern] : []),
  ]
  return bounds.length === 0 ? '' : ` /* ${bounds.join(', ')} */`
}
