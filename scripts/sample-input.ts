import { z } from 'zod'

type JsonSchema = z.core.JSONSchema.JSONSchema

const WORDS = ['a', '1', 'a.b', 'main', '2001-01-01', 'select 1', '00000000-0000-4000-8000-000000000000']

/** The smallest input on the wire that a schema takes, made from its JSON Schema. */
export function sampleInput(schema: z.ZodObject): Record<string, unknown> {
  const whole = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const sample = sampleOf(whole, whole)
  const parsed = schema.safeParse(sample)
  if (!parsed.success) throw new Error(`no sample was found: ${z.prettifyError(parsed.error)}`)
  return sample as Record<string, unknown>
}

function sampleOf(node: JsonSchema | boolean | undefined, whole: JsonSchema): unknown {
  if (node === undefined || typeof node === 'boolean') return 'a'
  if (node.$ref) return sampleOf(whole.$defs?.[node.$ref.split('/').at(-1) ?? ''], whole)
  if (node.const !== undefined) return node.const
  if (node.enum) return node.enum[0]
  const choices = node.anyOf ?? node.oneOf
  if (choices) return sampleOf(choices[0], whole)
  switch (node.type) {
    case 'object':
      return Object.fromEntries(
        (node.required ?? []).map((name) => [name, sampleOf(node.properties?.[name], whole)] as const),
      )
    case 'array':
      return Array.from({ length: node.minItems ?? 0 }, () =>
        sampleOf(Array.isArray(node.items) ? node.items[0] : (node.items as JsonSchema), whole),
      )
    case 'integer':
    case 'number':
      return Math.max(node.minimum ?? 1, typeof node.exclusiveMinimum === 'number' ? node.exclusiveMinimum + 1 : 1)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return textOf(node)
  }
}

function textOf({ pattern, minLength = 0 }: JsonSchema): string {
  const words = [...WORDS, 'a'.repeat(minLength)]
  const fitting = words.find((word) => word.length >= minLength && (!pattern || new RegExp(pattern, 'u').test(word)))
  if (fitting === undefined) throw new Error(`no word fits ${pattern}`)
  return fitting
}
