export const KINDS = [
  'negated guard',
  'removed guard',
  'removed check',
  'dropped element',
  'shifted bound',
  'off by one',
  'wrong number',
  'swapped extreme',
  'swapped connective',
  'dropped effect',
  'weaker permission',
  'flipped return',
] as const
export type FaultKind = (typeof KINDS)[number]

/**
 * How a fault is compiled in next to the original. An `expression` becomes a choice between the two; a `statement` and
 * an `element` of a list are left out.
 */
export type FaultForm = 'expression' | 'statement' | 'element'

/** A fault that could be seeded into a source file. `start` and `end` are offsets of the text that it replaces. */
export type Fault = {
  /** The same after the code moves to another file: kind, function, and text without white space. */
  id: string
  kind: FaultKind
  form: FaultForm
  functionName: string
  file: string
  line: number
  start: number
  end: number
  original: string
  /** Empty for a statement and an element. */
  replacement: string
}
