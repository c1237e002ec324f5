import * as z from 'zod'

type JsonSchema = z.core.JSONSchema.JSONSchema

const WORDS = ['a', '1', 'a.b', 'main', '2001-01-01', 'select 1', '00000000-0000-4000-8000-000000000000']

const samples = new WeakMap<z.ZodObject, Record<string, unknown>>()

/** The smallest input on the wire that a schema accepts, made from its JSON Schema. It belongs to the caller. */
export function sampleInput(schema: z.ZodObject): Record<string, unknown> {
  const sample = samples.get(schema) ?? makeSample(schema)
  samples.set(schema, sample)
  return structuredClone(sample)
}

function makeSample(schema: z.ZodObject): Record<string, unknown> {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const sample = sampleFor(root, root)
  const parsed = schema.safeParse(sample)
  if (!parsed.success) throw new Error(`no sample was found: ${z.prettifyError(parsed.error)}`)
  return sample as Record<string, unknown>
}

/** The smallest value that a part of a JSON Schema accepts. */
export function sampleFor(node: JsonSchema | boolean | undefined, root: JsonSchema): unknown {
  if (node === undefined || typeof node === 'boolean') return 'a'
  if (node.$ref) return sampleFor(root.$defs?.[node.$ref.split('/').at(-1) ?? ''], root)
  if (node.const !== undefined) return node.const
  if (node.enum) return node.enum[0]
  const choices = node.anyOf ?? node.oneOf
  if (choices) return sampleFor(choices[0], root)
  switch (Array.isArray(node.type) ? node.type[0] : node.type) {
    case 'object':
      return Object.fromEntries(
        (node.required ?? []).map((name) => [name, sampleFor(node.properties?.[name], root)] as const),
      )
    case 'array':
      return Array.from({ length: node.minItems ?? 0 }, () =>
        sampleFor(Array.isArray(node.items) ? node.items[0] : (node.items as JsonSchema), root),
      )
    case 'integer':
    case 'number':
      return Math.max(node.minimum ?? 1, typeof node.exclusiveMinimum === 'number' ? node.exclusiveMinimum + 1 : 1)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return matchingText(node)
  }
}

function matchingText({ pattern, minLength = 0 }: JsonSchema): string {
  const words = [...WORDS, 'a'.repeat(minLength)]
  const match = words.find((word) => word.length >= minLength && (!pattern || new RegExp(pattern, 'u').test(word)))
  if (match === undefined) throw new Error(`no word fits ${pattern}`)
  return match
}
