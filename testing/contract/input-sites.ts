import * as z from 'zod'
import { MAX_NAME_CHARS, MAX_NAMESPACE_CHARS, MAX_NAMESPACE_LEVELS } from '@/lib/names/name-limits'
import { sampleFor } from './sample-input'

type JsonSchema = z.core.JSONSchema.JSONSchema

/** A part of an input whose size a client chooses. */
export type InputSite = {
  /** `intents[].column`; `{}` is a value and `{key}` a name of a record. */
  path: string
  /** The field of the input that it is in, or is. */
  field: string
  kind: 'text' | 'levels' | 'list' | 'record' | 'nesting' | 'anything'
  /**
   * Characters, levels, items or entries; null if none is stated. For nesting it is the limit of JSON, which no shape
   * states.
   */
  limit: number | null
  /** Whether a longer stored value may stay, so that the limit is checked with the change. */
  isRetained: boolean
  /** JSON texts of the fields of an input in which this part has a size, and all others are as small as possible. */
  withSize(size: number): Map<string, string>
}

/** Puts a JSON text where a site is. */
type Wrap = (json: string) => string

/** Longer ones are as good as unlimited. */
const MAX_PATTERN_CHARS = 1_000
const UNBOUNDED_PATTERN = /[*+]|\{\d+,\}/

/** Every text, list and record of an input, and every position at which a shape contains itself. */
export function findInputSites(schema: z.ZodObject): InputSite[] {
  return findSchemaSites(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'throw' }))
}

/**
 * Like {@link findInputSites}. A part with `maxChars` may be JSON of any shape.
 *
 * @param root of an object; parts that are the same object are one shape
 */
export function findSchemaSites(root: JsonSchema): InputSite[] {
  const fields = sampleFor(root, root) as Record<string, unknown>
  const samples = Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)] as const)
  return Object.entries(root.properties ?? {}).flatMap(([field, node]) =>
    findSites(node as JsonSchema, { root, path: field, wrap: (json) => json, open: new Map() }).map(
      ({ sized, ...site }) => ({
        ...site,
        field,
        withSize: (size: number) => new Map([...samples, [field, sized(size)] as const]),
      }),
    ),
  )
}

type FoundSite = Omit<InputSite, 'field' | 'withSize'> & { sized: (size: number) => string }
/** `open`: the shapes around this node, with the path from each to this node. */
type NodeContext = {
  root: JsonSchema
  path: string
  wrap: Wrap
  open: ReadonlyMap<JsonSchema, { wrap: Wrap; step: Wrap }>
}

function findSites(ref: JsonSchema, context: NodeContext): FoundSite[] {
  const { root, path, wrap } = context
  const node = ref.$ref === undefined ? ref : (root.$defs?.[ref.$ref.split('/').at(-1) ?? ''] as JsonSchema)
  const isRetained = node['isRetained'] === true
  if (typeof node['maxChars'] === 'number')
    return [{ path, kind: 'anything', limit: node['maxChars'], isRetained, sized: sizedText(wrap) }]
  const outer = context.open.get(node)
  if (outer) {
    const innermost = JSON.stringify(sampleFor(node, root))
    return [
      {
        path,
        kind: 'nesting',
        limit: null,
        isRetained,
        sized: (size) => outer.wrap(nest(outer.step, innermost, size)),
      },
    ]
  }
  const open = new Map([...context.open, [node, { wrap, step: (json: string) => json }]])
  const inside = (child: JsonSchema, suffix: string, step: Wrap) =>
    findSites(child, {
      root,
      path: path + suffix,
      wrap: (json) => wrap(step(json)),
      open: new Map([...open].map(([shape, one]) => [shape, { ...one, step: (json: string) => one.step(step(json)) }])),
    })
  const choices = node.anyOf ?? node.oneOf
  if (choices) return choices.flatMap((choice) => findSites(choice, { ...context, open }))
  if (node.const !== undefined || node.enum) return []
  const types = [node.type].flat()
  if (node.type === undefined) throw new Error(`${path} takes anything`)
  return [
    ...(types.includes('string') ? textSites(node, context) : []),
    ...(types.includes('array') ? listSites(node, context, inside) : []),
    ...(types.includes('object') ? objectSites(node, context, inside) : []),
  ].map((site) => ({ ...site, isRetained: isRetained || site.isRetained }))
}

type Inside = (child: JsonSchema, suffix: string, step: Wrap) => FoundSite[]

function textSites(node: JsonSchema, { path, wrap }: NodeContext): FoundSite[] {
  // Its levels have limits of their own, which a JSON Schema of one text cannot state.
  if (node.maxLength === MAX_NAMESPACE_CHARS) return namespaceSites({ path, wrap })
  const longest = node.pattern === undefined ? null : longestMatch(node.pattern)
  const limit = node.maxLength ?? longest?.length ?? null
  const [letter = 'a'] = longest ?? 'a'
  return [{ path, kind: 'text', limit, isRetained: false, sized: sizedText(wrap, letter) }]
}

function namespaceSites({ path, wrap }: Pick<NodeContext, 'path' | 'wrap'>): FoundSite[] {
  const level = `${'a'.repeat(MAX_NAME_CHARS)}\x1F`
  const toText = (size: number) => level.repeat(Math.ceil(size / level.length)).slice(0, size)
  const toLevels = (size: number) => Array.from({ length: size }, () => 'a').join('\x1F')
  return [
    {
      path,
      kind: 'text',
      limit: MAX_NAMESPACE_CHARS,
      isRetained: false,
      sized: (size) => wrap(JSON.stringify(toText(size))),
    },
    {
      path,
      kind: 'levels',
      limit: MAX_NAMESPACE_LEVELS,
      isRetained: false,
      sized: (size) => wrap(JSON.stringify(toLevels(size))),
    },
  ]
}

/** Made of one letter, as all patterns of the contract allow; null for a pattern without an end. */
function longestMatch(pattern: string): string | null {
  const outsideClasses = pattern.replaceAll(/\\./g, '').replaceAll(/\[[^\]]*\]/g, '')
  if (!pattern.startsWith('^') || !pattern.endsWith('$') || UNBOUNDED_PATTERN.test(outsideClasses)) return null
  const isMatch = new RegExp(pattern, 'u')
  const lengths = Array.from({ length: MAX_PATTERN_CHARS }, (_, index) => MAX_PATTERN_CHARS - index)
  const matches = lengths.flatMap((length) => ['1', 'a'].map((letter) => letter.repeat(length)))
  return matches.find((text) => isMatch.test(text)) ?? null
}

function listSites(node: JsonSchema, { root, path, wrap }: NodeContext, inside: Inside): FoundSite[] {
  if (node.prefixItems) throw new Error(`${path} is a tuple`)
  const items = node.items as JsonSchema
  const item = JSON.stringify(sampleFor(items, root))
  const toList = (json: string, count: number) => `[${json}${`,${item}`.repeat(Math.max(0, count - 1))}]`
  return [
    { path, kind: 'list', limit: node.maxItems ?? null, isRetained: false, sized: (size) => wrap(toList(item, size)) },
    ...inside(items, '[]', (json) => toList(json, node.minItems ?? 1)),
  ]
}

function objectSites(node: JsonSchema, { root, path, wrap }: NodeContext, inside: Inside): FoundSite[] {
  const members = Object.entries(sampleFor({ ...node, type: 'object' }, root) as object)
  const fields = Object.entries(node.properties ?? {}).flatMap(([name, child]) =>
    inside(child as JsonSchema, `.${name}`, (json) => {
      const others = members.filter(([other]) => other !== name)
      return `{${[...others.map(([other, value]) => `${JSON.stringify(other)}:${JSON.stringify(value)}`), `${JSON.stringify(name)}:${json}`].join(',')}}`
    }),
  )
  const { additionalProperties: values, propertyNames: names } = node
  if (typeof values !== 'object') return fields
  const value = JSON.stringify(sampleFor(values, root))
  const toRecord = (size: number) => `{${Array.from({ length: size }, (_, index) => `"k${index}":${value}`).join(',')}}`
  return [
    ...fields,
    {
      path,
      isRetained: false,
      kind: 'record',
      limit: node.maxProperties ?? null,
      sized: (size) => wrap(toRecord(size)),
    },
    ...inside((names ?? { type: 'string' }) as JsonSchema, '{key}', (json) => `{${json}:${value}}`),
    ...inside(values, '{}', (json) => `{"k":${json}}`),
  ]
}

function sizedText(wrap: Wrap, letter = 'a') {
  return (size: number) => wrap(JSON.stringify(letter.repeat(size)))
}

/** Repeats the path between a shape and itself, as text: an object of such a depth could not be written as JSON. */
function nest(step: Wrap, innermost: string, levels: number): string {
  const [before = '', after = ''] = step('\0').split('\0')
  return before.repeat(levels) + innermost + after.repeat(levels)
}
